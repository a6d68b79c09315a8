"""Cutting access and giving it back: a subscription is suspended while it has a hold."""

from datetime import datetime

from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionChanged,
    SubscriptionEvent,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from services.subscriptions.domain.hold import Cause, Hold, HoldKind
from services.subscriptions.domain.subscription import Subscription
from shared.errors import Invalid


class ExpiryPassed(Invalid):
    code = "expiry_passed"


def place_hold(
    subscription: Subscription, kind: HoldKind, cause: Cause, expires_at: datetime | None = None
) -> list[SubscriptionEvent]:
    """Cut access for one more reason.

    A hold that exists keeps its first cause and says nothing new, so a repeat is harmless.

    Raises:
        SubscriptionNotActivated, SubscriptionEnded: there is no access to cut.
        ExpiryPassed: it would be over before it began.
    """
    subscription.require_activated()
    if subscription.is_held(kind):
        return []
    if expires_at is not None and expires_at <= cause.at:
        raise ExpiryPassed(
            f"{expires_at.isoformat()} has passed",
            field="expires_at",
            way_out="Name a later instant, or none.",
        )
    first = not subscription.holds
    hold = Hold(kind, cause, expires_at)
    subscription.holds = (*subscription.holds, hold)
    change = Change(ChangeKind.HOLD_PLACED, cause)
    if first:
        return [SubscriptionSuspended(subscription.next_version(), change, hold)]
    return [SubscriptionChanged(subscription.next_version(), change)]


def lift_hold(subscription: Subscription, kind: HoldKind, cause: Cause) -> list[SubscriptionEvent]:
    """Take one reason away; access comes back with the last. A hold not there says nothing.

    Nothing was charged while access was cut: boundaries that passed meanwhile open nothing. But
    what is owed is for a period that began before, and its boundary stays.
    """
    if subscription.is_over or not subscription.is_held(kind):
        return []
    subscription.holds = tuple(hold for hold in subscription.holds if hold.kind is not kind)
    if not subscription.holds and not subscription.is_owing and kind is not HoldKind.NON_PAYMENT:
        subscription.let_pass(cause.at)
    event = SubscriptionChanged if subscription.holds else SubscriptionResumed
    return [event(subscription.next_version(), Change(ChangeKind.HOLD_LIFTED, cause))]


def expire_holds(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    """Lift what was placed until an instant that has come."""
    events: list[SubscriptionEvent] = []
    for hold in subscription.holds:
        if hold.expires_at is not None and hold.expires_at <= cause.at:
            events += lift_hold(subscription, hold.kind, cause)
    return events
