"""Why a checkout came to nothing: the field at fault and the way out."""

from dataclasses import dataclass
from typing import Final

from shared.errors import Invalid

_ANEW: Final = "Correct the field and send the checkout again under a new checkout_id."
_AGAIN: Final = "Send a new checkout, with a payment that can be charged."

# What ended a subscription before it began, as subscriptions names it; the words are for the
# upstream and for the person who bought.
_ENDINGS: Final[dict[str, tuple[str, str]]] = {
    "payment_not_received": ("no payment came within the time allowed for it", _AGAIN),
    "reference_taken": (
        "the payment's reference was used by another checkout",
        "Capture a payment for this checkout alone and send a new checkout with its reference.",
    ),
    "not_captured": (
        "the gateway does not show the payment as captured with this amount and currency",
        "Check the payment at the gateway and send a new checkout with one that is captured.",
    ),
    "provisioning_failed": (
        "the service could not be set up",
        "Send a new checkout later, or ask the partner's support.",
    ),
}
_UNKNOWN_ENDING: Final = (
    "the subscription was canceled before it began",
    "Ask the partner's support for the reason, then send a new checkout.",
)


@dataclass(frozen=True, slots=True)
class Rejection:
    code: str
    field: str | None
    message: str
    way_out: str

    @classmethod
    def of(cls, fault: Invalid, within: str = "") -> "Rejection":
        """`within` is the path of what was checked, such as `customer.`, with its dot."""
        field = fault.field and f"{within}{fault.field}"
        return cls(fault.code, field, str(fault), fault.way_out or _ANEW)

    @classmethod
    def of_ending(cls, reason: str | None) -> "Rejection":
        """For a subscription that was canceled before activation."""
        code = reason or "canceled"
        message, way_out = _ENDINGS.get(code, _UNKNOWN_ENDING)
        return cls(code, None, message, way_out)
