"""What the subscriptions service publishes: the life of a subscription, and refused orders."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field
from typing_extensions import override

from shared.contracts.event import (
    Change,
    CheckoutPayment,
    Currency,
    EventContract,
    Interval,
    Part,
    Sealed,
    State,
)

Status = Literal[
    "created",
    "trialing",
    "active",
    "past_due",
    "grace",
    "suspended",
    "canceled",
    "terminated",
]
HoldKind = Literal["non_payment", "abuse", "requested", "fraud_review", "ended"]


class Item(Part):
    """A product instance; the price is for one unit and one period, in minor units, ex tax."""

    id: str
    product: str
    quantity: Annotated[int, Field(ge=1)]
    unit_price_minor: Annotated[int, Field(ge=0)]
    status: Literal["created", "active", "suspended", "terminated"]
    configuration: dict[str, Any] = Field(default_factory=dict)


class Period(Part):
    """`[start, end)`, UTC; `no` counts from 0 and never repeats."""

    no: Annotated[int, Field(ge=0)]
    start: AwareDatetime
    end: AwareDatetime


class Hold(Part):
    """One reason for which access is cut."""

    kind: HoldKind
    reason: str
    actor: str
    placed_at: AwareDatetime
    expires_at: AwareDatetime | None = None


class Scheduled(Part):
    """What was ordered for a later instant and is known to all from now on."""

    order_id: str
    kind: str
    effective_at: AwareDatetime
    patch: dict[str, Any] = Field(default_factory=dict)


class Owed(Part):
    """Billing's standing as the subscription last obeyed it."""

    version: int
    status: Literal["current", "retrying", "grace", "exhausted"]
    paid_through: AwareDatetime | None = None


class SubscriptionState(State):
    """A subscription in full, without personal data.

    The end is counted, not stored: the boundary after `periods_opened + periods_granted` periods
    from `anchor_on` (trial: after its end). `ends_at` is set as soon as the end is ordered.
    `committed_until` is where the minimum term ends, of `minimum_periods` after a trial.
    """

    id: str
    customer_id: str
    bill_to: str
    checkout_id: str | None = None
    checkout_reference: str | None = None
    status: Status
    offer: str
    interval: Interval
    currency: Currency
    timezone: str
    items: list[Item]
    trial_days: Annotated[int, Field(ge=0)]
    minimum_periods: Annotated[int, Field(ge=0)] = 0
    committed_until: AwareDatetime | None = None
    end_of_term: Literal["suspend", "terminate"]
    anchor_on: date | None = None
    period: Period | None = None
    periods_opened: Annotated[int, Field(ge=0)] = 0
    periods_granted: Annotated[int, Field(ge=0)] = 0
    next_boundary_at: AwareDatetime | None = None
    created_at: AwareDatetime
    activated_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    canceled_at: AwareDatetime | None = None
    terminated_at: AwareDatetime | None = None
    holds: list[Hold] = Field(default_factory=list)
    scheduled: list[Scheduled] = Field(default_factory=list)
    standing: Owed | None = None

    @property
    @override
    def key(self) -> str:
        return self.id


class SubscriptionEvent(EventContract):
    """All that is said of a subscription carries its state and what happened."""

    state = "subscription"
    subscription: SubscriptionState
    change: Change


class SubscriptionCreated(SubscriptionEvent):
    """It exists and waits for its first period; `payment` tells billing how to get there."""

    type = "subscription.created"
    payment: CheckoutPayment


class SubscriptionActivated(SubscriptionEvent):
    """Provisioned, and its first period runs; the credentials are sealed for the notifier."""

    type = "subscription.activated"
    credentials: Sealed | None = None


class SubscriptionChanged(SubscriptionEvent):
    """Something moved that has no event of its own; `change.kind` says what."""

    type = "subscription.changed"


class SubscriptionRenewed(SubscriptionEvent):
    type = "subscription.renewed"


class SubscriptionPastDue(SubscriptionEvent):
    """A charge failed and is tried again; access is kept."""

    type = "subscription.past_due"


class SubscriptionRecovered(SubscriptionEvent):
    """What was owed is settled; access was never cut."""

    type = "subscription.recovered"


class SubscriptionExtended(SubscriptionEvent):
    """Periods were granted, or the end moved to a date.

    `grant_id` names the extension for ever; `paid_externally_minor` is 0 for goodwill.
    """

    type = "subscription.extended"
    grant_id: str
    intervals: Annotated[int, Field(ge=0)]
    until: date | None = None
    paid_externally_minor: Annotated[int, Field(ge=0)]


class SubscriptionSuspended(SubscriptionEvent):
    """The first hold came: access is cut from `change.at` on."""

    type = "subscription.suspended"
    hold: Hold


class SubscriptionResumed(SubscriptionEvent):
    """The last hold went: access is back."""

    type = "subscription.resumed"


class SubscriptionCanceled(SubscriptionEvent):
    """Ended before activation (`status` canceled), or to end at `ends_at`."""

    type = "subscription.canceled"


class SubscriptionUncanceled(SubscriptionEvent):
    """The ordered end was taken back."""

    type = "subscription.uncanceled"


class SubscriptionTerminated(SubscriptionEvent):
    """Over for good: the data is purged and nothing is charged any more."""

    type = "subscription.terminated"


class ProvisioningFailed(SubscriptionEvent):
    """The panel refused or stayed away for too long; `change.reason` says what it answered."""

    type = "provisioning.failed"


class OrderState(State):
    """What was asked of a subscription, or of a checkout that has none yet."""

    id: str
    kind: Literal["new", "amendment", "transfer", "suspend", "resume", "terminate"]
    status: Literal["placed", "applied", "refused", "canceled"]
    subscription_id: str | None = None
    checkout_id: str | None = None

    @property
    @override
    def key(self) -> str:
        return self.subscription_id or self.checkout_id or self.id

    @property
    @override
    def subject(self) -> str:
        return self.id


class Refusal(Part):
    code: str
    field: str | None = None
    message: str
    way_out: str


class OrderEvent(EventContract):
    """One that waits for billing is placed, then applied, refused or canceled; others only end."""

    state = "order"
    order: OrderState
    change: Change


class OrderRefused(OrderEvent):
    """The order changed nothing; the refusal names the field and the way out."""

    type = "order.refused"
    refusal: Refusal


class OfferProduct(Part):
    """A product within an offer; `prices_minor` by currency, for one unit and one period."""

    code: str
    name: str
    prices_minor: dict[str, int]
    configuration_schema: dict[str, Any] = Field(default_factory=dict)


class OfferState(State):
    """What can be bought: products, their prices, how often they are paid and how it may end."""

    id: str
    code: str
    name: str
    interval: Interval
    trial_days: Annotated[int, Field(ge=0)]
    minimum_periods: Annotated[int, Field(ge=0)] = 0
    end_of_term: Literal["suspend", "terminate"]
    products: list[OfferProduct]

    @property
    @override
    def key(self) -> str:
        return self.id


class OfferPublished(EventContract):
    type = "offer.published"
    state = "offer"
    offer: OfferState
    change: Change
