"""What is billable of one subscription: the terms as told, and how far billing has come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, NewType

from services.billing.domain.schedule import Schedule
from shared.calendar import Calendar, Interval
from shared.errors import Conflict, NotFound
from shared.ids import PartnerId

SubscriptionId = NewType("SubscriptionId", str)
CustomerId = NewType("CustomerId", str)
CheckoutId = NewType("CheckoutId", str)
HoldKind = Literal["non_payment", "abuse", "requested", "fraud_review", "ended"]
Status = Literal[
    "created", "trialing", "active", "past_due", "grace", "suspended", "canceled", "terminated"
]


class SubscriptionKey(NamedTuple):
    """No read without the partner: another partner's subscription does not exist."""

    partner_id: PartnerId
    id: SubscriptionId


class SubscriptionUnknown(NotFound):
    code = "subscription_not_found"


class SubscriptionEnded(Conflict):
    code = "subscription_ended"


class SubscriptionHeld(Conflict):
    code = "subscription_held"


@dataclass(frozen=True, slots=True)
class Item:
    """The price is for one unit and one period, in minor units, ex tax."""

    id: str
    product: str
    quantity: int
    unit_price_minor: int

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class Hold:
    kind: HoldKind
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Method:
    """Where money is taken from: a payment method that the gateway keeps."""

    gateway: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the subscriptions service last said, as of its `version`."""

    version: int
    status: Status
    customer_id: CustomerId
    bill_to: CustomerId
    currency: str
    zone: str
    interval: Interval
    trial_days: int
    items: tuple[Item, ...]
    holds: tuple[Hold, ...] = ()
    ends_at: datetime | None = None
    anchor_on: date | None = None
    periods_opened: int = 0
    periods_granted: int = 0
    next_boundary_at: datetime | None = None

    @property
    def total_minor(self) -> int:
        return sum([item.amount_minor for item in self.items])

    @property
    def covered(self) -> int:
        return self.periods_opened + self.periods_granted

    @property
    def is_held(self) -> bool:
        """On a hold that somebody placed. `non_payment` is billing's own word, coming back."""
        return any(hold.kind != "non_payment" for hold in self.holds)

    @property
    def is_owing(self) -> bool:
        """As far as it had heard: a payment may have been on its way to it."""
        return self.status in {"past_due", "grace"} or any(
            hold.kind == "non_payment" for hold in self.holds
        )


@dataclass(slots=True, kw_only=True)
class Contract:
    """Periods are counted here by what billing itself opened and what it heard was granted;
    `renews_at` is the boundary that a timer is set for, and
    `timers_no` names the timers that count now.

    `rejected`: its checkout was refused, so nothing is charged whatever is heard later.
    """

    partner_id: PartnerId
    subscription_id: SubscriptionId
    checkout_id: CheckoutId | None
    correlation_id: str
    terms: Terms
    method: Method | None = None
    schedule: Schedule | None = None
    periods_opened: int = 0
    periods_granted: int = 0
    renews_at: datetime | None = None
    timers_no: int = 0
    rejected: bool = False

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)

    @property
    def is_over(self) -> bool:
        """Nothing is charged any more, and money that still comes goes back."""
        return self.rejected or self.terms.status in {"canceled", "terminated"}

    @property
    def is_activated(self) -> bool:
        return self.terms.anchor_on is not None

    @property
    def covered(self) -> int:
        """Periods that are opened or granted; the number of the first one that is not."""
        return self.periods_opened + self.periods_granted

    @property
    def covered_until(self) -> datetime | None:
        if self.schedule is None or not self.covered:
            return None
        return self.schedule.start(self.covered)

    def follow(self, terms: Terms, granted: int = 0) -> None:
        """Take the terms over; where both count the same periods, a billing day that the
        subscription has moved (activation, extension to a date) holds here as well.
        """
        self.terms = terms
        self.periods_granted += granted
        if terms.anchor_on is not None and terms.covered == self.covered:
            self._align(terms.anchor_on, terms.next_boundary_at)

    def _align(self, anchor_on: date, boundary_at: datetime | None) -> None:
        """Of one anchor the later date is the truth: billing may have let a boundary pass unbilled
        of which the subscription does not know.
        """
        known = self.schedule
        if (
            known is not None
            and known.anchor_on == anchor_on
            and (boundary_at is None or boundary_at <= known.start(self.covered))
        ):
            return
        first_no = 1 if self.terms.trial_days else 0
        schedule = Schedule(anchor_on, first_no, self.terms.zone, self.terms.interval)
        if boundary_at is not None:
            n = Calendar(anchor_on, self.terms.zone, self.terms.interval).period_at(boundary_at)
            schedule = schedule.anchored(anchor_on, self.covered - n)
        self.schedule = schedule

    def next_no(self, open_invoices: int) -> int:
        """The period to bill next; open invoices are of the numbers right before it."""
        return self.covered + open_invoices
