"""Following billing's standing: what is owed, and the hold for non-payment, are read off it."""

from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionChanged,
    SubscriptionEvent,
    SubscriptionPastDue,
    SubscriptionRecovered,
)
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.standing import Standing, StandingStatus
from services.subscriptions.domain.subscription import Status, Subscription
from services.subscriptions.domain.suspension import lift_hold, place_hold


def obey(subscription: Subscription, standing: Standing, cause: Cause) -> list[SubscriptionEvent]:
    """A word older than the one known changes nothing.

    Which event brought the standing does not matter, nor the order in which events arrive: the
    topics of billing have none among each other.
    """
    if standing.version <= subscription.standing.version:
        return []
    before, subscription.standing = subscription.status, standing
    return _follow(subscription, before, cause) if subscription.is_activated else []


def _follow(subscription: Subscription, before: Status, cause: Cause) -> list[SubscriptionEvent]:
    owed = subscription.standing.status
    if owed is StandingStatus.EXHAUSTED:
        return place_hold(subscription, HoldKind.NON_PAYMENT, cause)
    if owed is StandingStatus.CURRENT and subscription.is_held(HoldKind.NON_PAYMENT):
        return lift_hold(subscription, HoldKind.NON_PAYMENT, cause)
    if subscription.status is before:
        return []
    return [_moved(subscription, cause)]


def _moved(subscription: Subscription, cause: Cause) -> SubscriptionEvent:
    status, told = subscription.status, subscription.next_version()
    if status is Status.PAST_DUE:
        return SubscriptionPastDue(told, Change(ChangeKind.PAST_DUE, cause))
    if status is Status.GRACE:
        return SubscriptionChanged(told, Change(ChangeKind.GRACE_ENTERED, cause))
    return SubscriptionRecovered(told, Change(ChangeKind.RECOVERED, cause))
