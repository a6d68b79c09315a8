"""Money that a checkout says it has captured, until the gateway itself has answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.billing.domain.charge import Charge
from services.billing.domain.contract import SubscriptionId
from shared.ids import PartnerId


class VerificationState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CALLED_OFF = "called_off"


@dataclass(slots=True, kw_only=True)
class Verification:
    """One for a subscription: is this reference worth this amount?"""

    partner_id: PartnerId
    subscription_id: SubscriptionId
    gateway: str
    reference: str
    amount_minor: int
    currency: str
    asked_at: datetime
    state: VerificationState = VerificationState.ASKED

    def is_proven_by(self, charge: Charge) -> bool:
        """Captured, this very amount, and all of it still there."""
        return (
            charge.succeeded
            and charge.captured_minor == self.amount_minor == charge.refundable_minor
            and charge.currency == self.currency
        )
