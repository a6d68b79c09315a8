"""Letters of every kind, as they would be written for Ann."""

from datetime import UTC, datetime
from typing import Any, Final

from services.notifier.domain.facts import Facts
from services.notifier.domain.journey import Draft
from services.notifier.domain.letter import Addressed, Letter
from services.notifier.domain.message import Message
from services.notifier.domain.occasion import What
from services.notifier.domain.people import Brand, Contact
from services.notifier.domain.template import Template
from tests.unit.notifier.stories import ANN, BRAND, CONTACT, NOON, PRO, leaving, occasion

SECRETS: Final = {"username": "u5f2c", "password": "p<&>w", "url": "https://panel.example/"}
END: Final = datetime(2027, 3, 31, 22, tzinfo=UTC)
LEAVING: Final = leaving(END)
FACTS: Final[dict[Template, Facts]] = {
    Template.RENEWAL_REMINDER: {"due_at": END.isoformat()},
    Template.PAYMENT_FAILED: {
        "amount_minor": 1999,
        "code": "insufficient_funds",
        "hard": False,
        "final": False,
        "next_attempt_at": "2027-03-02T11:00:00+00:00",
        "grace_until": None,
        "first_payment_until": "2027-03-02T10:00:00+00:00",
    },
    Template.SUSPENDED: {
        "hold": "non_payment",
        "reason": "dunning exhausted",
        "data_kept_until": END.isoformat(),
    },
    Template.CANCELLATION: LEAVING.facts(),
    Template.WIN_BACK: LEAVING.facts(),
    Template.EXTENDED: {"intervals": 2, "until": None, "paid_externally_minor": 0},
}
REJECTED: Final[Facts] = {
    "offer": "pro",
    "reference": "chk-4711",
    "code": "unknown_offer",
    "message": "There is no offer pro.",
    "way_out": "Choose one of the offers of the shop.",
    "was_paid": True,
}


def a_letter(
    template: Template,
    contact: Contact = CONTACT,
    brand: Brand = BRAND,
    offer_name: str | None = "Pro Plan",
    at: datetime = NOON,
    **facts: Any,
) -> Letter:
    told: Facts = {**PRO.facts(), **FACTS.get(template, {}), **facts}
    if template is Template.CHECKOUT_REJECTED:
        told = {**REJECTED, **facts}
    message = Message.drafted(Draft(template, ANN, told), occasion(What.RESUMED), NOON)
    secrets = SECRETS if template is Template.CREDENTIALS else {}
    return Letter(Addressed(message, contact, brand, offer_name), at, secrets)
