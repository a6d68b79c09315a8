"""Bringing an ended subscription back within its retention: one order, one payment, same id."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.subscriptions.domain.ending import retained_until
from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionChanged,
    SubscriptionEvent,
    SubscriptionRenewed,
    SubscriptionResumed,
)
from services.subscriptions.domain.gated_order import (
    Gate,
    GatedOrder,
    GatedOrderEvent,
    apply,
    cancel_order,
    place,
)
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.order import OrderId, OrderKind
from services.subscriptions.domain.renewal import OpenedPeriod, take_in
from services.subscriptions.domain.subscription import Subscription
from shared.errors import Conflict

ANSWER_WITHIN = timedelta(hours=1)


class SubscriptionOwes(Conflict):
    code = "subscription_owes"


class SubscriptionHeld(Conflict):
    code = "subscription_held"


class SubscriptionNotEnded(Conflict):
    code = "subscription_not_ended"


class Outcome(NamedTuple):
    """What an order and its subscription said about one act; either may say nothing."""

    of_order: list[GatedOrderEvent]
    of_subscription: list[SubscriptionEvent]


def reactivate(
    subscription: Subscription, order_id: OrderId, gate: Gate, cause: Cause
) -> tuple[GatedOrder, Outcome]:
    """Ask billing for the next period, which begins with its payment. What was paid for and still
    runs is not sold twice: there the subscription is back at once, and billing need not be asked.

    Raises:
        SubscriptionNotActivated, SubscriptionEnded: it has not begun, or is over for good.
        SubscriptionOwes, SubscriptionHeld, SubscriptionNotEnded: it is not this that it needs.
    """
    _require_ended(subscription)
    order = GatedOrder(
        id=order_id,
        partner_id=subscription.partner_id,
        subscription_id=subscription.id,
        kind=OrderKind.RESUME,
        gate=gate,
        items=subscription.items,
        currency=subscription.currency,
        total_minor=sum(each.amount_minor for each in subscription.items),
        subscription_version=subscription.version,
        placed_at=cause.at,
        expires_at=_expiry(subscription, cause.at),
    )
    if subscription.boundary(subscription.covered) > cause.at:
        order.gate, order.total_minor = Gate.NONE, 0
        return order, Outcome(apply(order, cause), [_lift_end(subscription, cause)])
    return order, Outcome(place(order, cause), [])


def note_cleared(order: GatedOrder, subscription: Subscription, cause: Cause) -> Outcome:
    """Billing has what it wanted; the period that it opened may be heard before or after."""
    if not order.is_waiting:
        return Outcome([], [])
    order.cleared = True
    return _come_back(order, subscription, cause)


def note_opened(
    order: GatedOrder, subscription: Subscription, period: OpenedPeriod, cause: Cause
) -> Outcome:
    if not order.is_waiting:
        return Outcome([], [])
    order.period = period
    return _come_back(order, subscription, cause)


def _come_back(order: GatedOrder, subscription: Subscription, cause: Cause) -> Outcome:
    """With both words. Where it is over by now the order gives way, and the money goes back."""
    if not order.cleared or order.period is None:
        return Outcome([], [])
    if subscription.is_over or not subscription.is_held(HoldKind.ENDED):
        return Outcome(cancel_order(order, cause), [])
    # Billing may have opened numbers that it took back; they are used up, and count.
    subscription.opened |= set(range(subscription.covered, order.period.no))
    take_in(subscription, order.period)
    back = _lift_end(subscription, cause)
    renewed = SubscriptionRenewed(subscription.next_version(), Change(ChangeKind.RENEWED, cause))
    return Outcome(apply(order, cause), [back, renewed])


def _lift_end(subscription: Subscription, cause: Cause) -> SubscriptionEvent:
    subscription.holds = tuple(each for each in subscription.holds if each.kind != HoldKind.ENDED)
    subscription.ends_at = subscription.canceled_at = None
    event = SubscriptionChanged if subscription.holds else SubscriptionResumed
    return event(subscription.next_version(), Change(ChangeKind.REACTIVATED, cause))


def _expiry(subscription: Subscription, at: datetime) -> datetime:
    until = retained_until(subscription)
    return min(at + ANSWER_WITHIN, until) if until else at + ANSWER_WITHIN


def _require_ended(subscription: Subscription) -> None:
    subscription.require_activated()
    if subscription.is_owing or subscription.is_held(HoldKind.NON_PAYMENT):
        raise SubscriptionOwes(
            f"subscription {subscription.id} is {subscription.status}: a payment is owed",
            way_out=f"Pay with POST /v1/subscriptions/{subscription.id}/payment_method of billing.",
        )
    others = [hold.kind for hold in subscription.holds if hold.kind is not HoldKind.ENDED]
    if others:
        raise SubscriptionHeld(
            f"subscription {subscription.id} is on hold: {', '.join(others)}",
            way_out="Have these holds lifted first.",
        )
    if not subscription.is_held(HoldKind.ENDED):
        raise SubscriptionNotEnded(
            f"subscription {subscription.id} has not ended",
            way_out="Take an ordered end back with POST …/uncancel.",
        )
