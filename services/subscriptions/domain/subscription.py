"""A subscription: what is known of it, and the states that follow from what is known."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType

from services.subscriptions.domain.hold import Hold, HoldKind
from services.subscriptions.domain.item import Item, ItemStatus
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.standing import UNHEARD, Standing, StandingStatus
from services.subscriptions.domain.term import Anchor, Period, Running
from shared.calendar import Interval
from shared.errors import Conflict, NotFound, Stale
from shared.ids import PartnerId

SubscriptionId = NewType("SubscriptionId", str)
CustomerId = NewType("CustomerId", str)


class SubscriptionKey(NamedTuple):
    """No read without the partner: another partner's subscription does not exist."""

    partner_id: PartnerId
    id: SubscriptionId


class Status(StrEnum):
    CREATED = "created"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    GRACE = "grace"
    SUSPENDED = "suspended"
    CANCELED = "canceled"
    TERMINATED = "terminated"


class SubscriptionNotFound(NotFound):
    code = "subscription_not_found"


class SubscriptionStale(Stale):
    code = "subscription_stale"


class SubscriptionNotActivated(Conflict):
    code = "subscription_not_activated"


class SubscriptionEnded(Conflict):
    code = "subscription_ended"


OWING = {StandingStatus.RETRYING: Status.PAST_DUE, StandingStatus.GRACE: Status.GRACE}
ITEM_STATUS = {
    Status.CREATED: ItemStatus.CREATED,
    Status.SUSPENDED: ItemStatus.SUSPENDED,
    Status.CANCELED: ItemStatus.TERMINATED,
    Status.TERMINATED: ItemStatus.TERMINATED,
}


@dataclass(slots=True, kw_only=True)
class Subscription:
    """`version` counts the events ever emitted, so each event knows its place in the story.

    Every field is immutable and replaced as a whole; an event holds a copy of the aggregate.
    What a subscription does is in the files beside this one, a behaviour each.

    `opened` are the numbers of the periods that were paid for or came free, and `granted` is how
    many were given by extension: payments and extensions commute, since only their count says how
    far the subscription reaches. `settled` are numbers that billing opened because an extension
    covers them; they count as granted. `grants` names the extensions. `standing` is the latest heard, `obeyed` the one that the
    latest event told of. `minimum_periods` are those after the trial that it was ordered for.
    """

    id: SubscriptionId
    partner_id: PartnerId
    customer_id: CustomerId
    bill_to: str
    checkout_id: str | None
    checkout_reference: str | None
    offer: str
    interval: Interval
    currency: str
    timezone: str
    items: tuple[Item, ...]
    trial_days: int
    end_of_term: EndOfTerm
    created_at: datetime
    minimum_periods: int = 0
    version: int = 0
    first_opened_at: datetime | None = None
    activated_at: datetime | None = None
    anchor: Anchor | None = None
    running: Running | None = None
    opened: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()
    granted: int = 0
    grants: tuple[str, ...] = ()
    ends_at: datetime | None = None
    canceled_at: datetime | None = None
    terminated_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    standing: Standing = UNHEARD
    obeyed: Standing = UNHEARD

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.id)

    @property
    def status(self) -> Status:
        """Read off the facts and never decided beside them, so that they cannot disagree."""
        if self.terminated_at:
            return Status.TERMINATED
        if not self.activated_at:
            return Status.CANCELED if self.canceled_at else Status.CREATED
        if self.holds:
            return Status.SUSPENDED
        return OWING.get(self.standing.status, self._status_in_order)

    @property
    def _status_in_order(self) -> Status:
        return Status.TRIALING if self.is_on_trial else Status.ACTIVE

    @property
    def is_on_trial(self) -> bool:
        """A trial lasts, lengthened or not, until a period after it is opened."""
        return self.trial_days > 0 and self.opened == {0}

    @property
    def item_status(self) -> ItemStatus:
        return ITEM_STATUS.get(self.status, ItemStatus.ACTIVE)

    @property
    def is_over(self) -> bool:
        """Nothing will ever happen to it again."""
        return self.status in {Status.CANCELED, Status.TERMINATED}

    @property
    def is_activated(self) -> bool:
        return self.activated_at is not None and not self.is_over

    @property
    def is_owing(self) -> bool:
        return self.standing.status is not StandingStatus.CURRENT

    @property
    def periods_opened(self) -> int:
        """Nothing runs before the activation, so until then nothing counts."""
        return len(self.opened) if self.activated_at else 0

    @property
    def covered(self) -> int:
        """How many periods may run; so also the number of the first that may not yet."""
        return self.periods_opened + self.granted

    @property
    def covered_until(self) -> datetime | None:
        """The end of all that was opened and granted, and the instant of the next charge."""
        return self.boundary(self.covered) if self.anchor else None

    @property
    def committed(self) -> int:
        """The first period that it may end before; a trial binds nobody."""
        if not self.minimum_periods or self.is_on_trial:
            return 0
        return self.minimum_periods + (1 if self.trial_days else 0)

    @property
    def committed_until(self) -> datetime | None:
        """Where the minimum term ends that it was ordered for, if it has one and has begun."""
        return self.boundary(self.committed) if self.anchor and self.committed else None

    @property
    def period(self) -> Period | None:
        if self.running is None:
            return None
        return Period(self.running.no, self.running.start, self.boundary(self.covered))

    def boundary(self, no: int) -> datetime:
        """The first instant of period `no`. Only an activated subscription has any."""
        assert self.anchor is not None  # noqa: S101  tells the type checker what activation did
        return self.anchor.boundary(no, self.interval, self.timezone)

    def let_pass(self, until: datetime) -> None:
        """Boundaries before `until` open nothing; the next period begins with the one after."""
        if self.anchor is not None and self.boundary(self.covered) < until:
            self.anchor = self.anchor.letting_pass(
                self.covered, until, self.interval, self.timezone
            )

    def is_held(self, kind: HoldKind) -> bool:
        return any(hold.kind is kind for hold in self.holds)

    def require_activated(self) -> None:
        """
        Raises:
            SubscriptionNotActivated: it has not begun.
            SubscriptionEnded: it is over.
        """
        if self.is_over:
            raise SubscriptionEnded(
                f"subscription {self.id} is {self.status}", way_out="Order a new subscription."
            )
        if not self.activated_at:
            raise SubscriptionNotActivated(
                f"subscription {self.id} has not been activated yet",
                way_out="Wait for its activation, or cancel it.",
            )

    def require_visible_to(self, customer_id: CustomerId | None) -> None:
        """A customer sees his own; whoever acts for the partner (None) sees all of them.

        Raises:
            SubscriptionNotFound: it is another customer's.
        """
        if customer_id not in {None, self.customer_id}:
            raise SubscriptionNotFound(f"no subscription {self.id}")

    def next_version(self) -> "Subscription":
        """A copy for the event that makes this step."""
        self.version += 1
        self.obeyed = self.standing
        return replace(self)
