"""Another service's words in ours."""

from datetime import UTC, datetime

from services.notifier.domain.facts import Facts
from services.notifier.domain.occasion import Cause, Occasion, Seal, What
from services.notifier.domain.people import CustomerId
from services.notifier.domain.subscription import Subscription, SubscriptionId
from shared.contracts.billing import StandingEvent
from shared.contracts.event import Change, EventContract, Sealed
from shared.contracts.subscriptions import SubscriptionEvent, SubscriptionState
from shared.ids import PartnerId
from shared.received import Received


def subscription_of(state: SubscriptionState) -> Subscription:
    return Subscription(
        id=SubscriptionId(state.id),
        partner_id=PartnerId(state.partner_id),
        version=state.version,
        customer_id=CustomerId(state.customer_id),
        bill_to=state.bill_to,
        status=state.status,
        offer=state.offer,
        interval_unit=state.interval.unit,
        interval_count=state.interval.count,
        currency=state.currency,
        total_minor=_total(state),
        timezone=state.timezone,
        created_at=_utc(state.created_at),
        next_boundary_at=_utc_or_none(state.next_boundary_at),
        ends_at=_utc_or_none(state.ends_at),
        canceled_at=_utc_or_none(state.canceled_at),
        holds=frozenset(hold.kind for hold in state.holds),
    )


def about_subscription(
    each: Received[SubscriptionEvent], what: What, facts: Facts, seal: Sealed | None = None
) -> Occasion:
    told = subscription_of(each.event.subscription)
    return Occasion(
        what=what,
        partner_id=told.partner_id,
        cause=cause_of(each, each.event.change),
        facts=facts,
        subscription_id=told.id,
        subscription=told,
        seal=Seal(seal.kid, seal.jwe, _utc(seal.expires_at)) if seal else None,
    )


def about_money(each: Received[StandingEvent], what: What, facts: Facts) -> Occasion:
    standing = each.event.standing
    return Occasion(
        what=what,
        partner_id=PartnerId(standing.partner_id),
        cause=cause_of(each, each.event.change),
        facts=facts,
        subscription_id=SubscriptionId(standing.subscription_id),
    )


def cause_of(each: Received[EventContract], change: Change) -> Cause:
    origin = each.origin
    return Cause(
        str(each.id), _utc(change.at), origin.actor, origin.correlation_id, origin.traceparent
    )


def _total(state: SubscriptionState) -> int:
    """What one period costs: what has been terminated is not charged any more."""
    return sum(
        item.quantity * item.unit_price_minor for item in state.items if item.status != "terminated"
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _utc_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else _utc(at)
