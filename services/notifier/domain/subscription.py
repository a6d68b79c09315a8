"""What a mail has to know of a subscription: as it stood with an event, or as it stands now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, NewType

from services.notifier.domain.facts import Facts, instant
from services.notifier.domain.people import CustomerId
from shared.ids import PartnerId

SubscriptionId = NewType("SubscriptionId", str)
OVER: Final = frozenset({"canceled", "terminated"})
ENDED_ONLY: Final = frozenset({"ended"})
PARTNER_PREFIX: Final = "ptn_"


class SubscriptionKey(NamedTuple):
    partner_id: PartnerId
    id: SubscriptionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A copy of what the subscriptions service says; of two, the higher version holds."""

    id: SubscriptionId
    partner_id: PartnerId
    version: int
    customer_id: CustomerId
    bill_to: str
    status: str
    offer: str
    interval_unit: str
    interval_count: int
    currency: str
    total_minor: int
    timezone: str
    created_at: datetime
    next_boundary_at: datetime | None
    ends_at: datetime | None
    canceled_at: datetime | None
    holds: frozenset[str]

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.id)

    @property
    def is_leaving(self) -> bool:
        """An end is ordered or past."""
        return self.ends_at is not None or self.status in OVER

    @property
    def is_held(self) -> bool:
        """Access is cut for a reason other than the ordered end."""
        return not self.holds <= ENDED_ONLY

    @property
    def payer(self) -> CustomerId | None:
        """Who hears of money; None where the partner pays for his customer."""
        if self.bill_to.startswith(PARTNER_PREFIX):
            return None
        return CustomerId(self.bill_to)

    def facts(self) -> Facts:
        return {
            "offer": self.offer,
            "status": self.status,
            "currency": self.currency,
            "total_minor": self.total_minor,
            "interval_unit": self.interval_unit,
            "interval_count": self.interval_count,
            "next_boundary_at": instant(self.next_boundary_at),
            "ends_at": instant(self.ends_at),
            "canceled_at": instant(self.canceled_at),
        }
