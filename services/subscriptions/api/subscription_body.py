"""A subscription as this service shows it over HTTP; apart from the domain and from Kafka."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.subscriptions.api.bodies import IntervalBody
from services.subscriptions.domain.hold import Hold, HoldKind
from services.subscriptions.domain.item import ItemStatus
from services.subscriptions.domain.labels import LABELS, facet
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.standing import StandingStatus
from services.subscriptions.domain.subscription import Status, Subscription


class ItemBody(BaseModel):
    id: str
    product: str
    quantity: int
    unit_price_minor: int
    currency: str
    status: ItemStatus
    configuration: dict[str, Any]

    @classmethod
    def all_of(cls, subscription: Subscription) -> list["ItemBody"]:
        return [
            cls(
                id=each.id,
                product=each.product,
                quantity=each.quantity,
                unit_price_minor=each.unit_price_minor,
                currency=subscription.currency,
                status=subscription.item_status,
                configuration=dict(each.configuration),
            )
            for each in subscription.items
        ]


class HoldBody(BaseModel):
    kind: HoldKind
    reason: str
    actor: str
    placed_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, hold: Hold) -> "HoldBody":
        cause = hold.cause
        return cls(
            kind=hold.kind,
            reason=cause.reason,
            actor=cause.actor,
            placed_at=cause.at,
            expires_at=hold.expires_at,
        )


class PeriodBody(BaseModel):
    no: int
    start: datetime
    end: datetime

    @classmethod
    def of(cls, subscription: Subscription) -> "PeriodBody | None":
        period = subscription.period
        return None if period is None else cls(no=period.no, start=period.start, end=period.end)


class StandingBody(BaseModel):
    """What billing says is owed; null before it has said anything."""

    status: StandingStatus
    paid_through: datetime | None

    @classmethod
    def of(cls, subscription: Subscription) -> "StandingBody | None":
        told = subscription.standing
        return cls(status=told.status, paid_through=told.paid_through) if told.version else None


class LabelsBody(BaseModel):
    """What each of the three views calls it."""

    s0: str
    s1: str | None
    s2: str


class SubscriptionBody(BaseModel):
    object: Literal["subscription"] = "subscription"
    id: str
    version: int
    customer_id: str
    bill_to: str
    checkout_id: str | None
    checkout_reference: str | None
    status: Status
    labels: LabelsBody
    offer: str
    interval: IntervalBody
    currency: str
    amount_minor: int
    timezone: str
    items: list[ItemBody]
    trial_days: int
    minimum_periods: int
    committed_until: datetime | None
    end_of_term: EndOfTerm
    anchor_on: date | None
    period: PeriodBody | None
    periods_opened: int
    periods_granted: int
    next_boundary_at: datetime | None
    created_at: datetime
    activated_at: datetime | None
    ends_at: datetime | None
    canceled_at: datetime | None
    terminated_at: datetime | None
    holds: list[HoldBody]
    standing: StandingBody | None

    @classmethod
    def of(cls, it: Subscription) -> "SubscriptionBody":
        return cls(
            id=it.id,
            version=it.version,
            customer_id=it.customer_id,
            bill_to=it.bill_to,
            checkout_id=it.checkout_id,
            checkout_reference=it.checkout_reference,
            status=it.status,
            labels=LabelsBody(**LABELS[facet(it)]._asdict()),
            offer=it.offer,
            interval=IntervalBody.of(it.interval),
            currency=it.currency,
            amount_minor=sum(each.amount_minor for each in it.items),
            timezone=it.timezone,
            items=ItemBody.all_of(it),
            trial_days=it.trial_days,
            minimum_periods=it.minimum_periods,
            committed_until=it.committed_until,
            end_of_term=it.end_of_term,
            anchor_on=it.anchor.on if it.anchor else None,
            period=PeriodBody.of(it),
            periods_opened=it.periods_opened,
            periods_granted=it.granted,
            next_boundary_at=it.covered_until,
            created_at=it.created_at,
            activated_at=it.activated_at,
            ends_at=it.ends_at,
            canceled_at=it.canceled_at,
            terminated_at=it.terminated_at,
            holds=[HoldBody.of(each) for each in it.holds],
            standing=StandingBody.of(it),
        )
