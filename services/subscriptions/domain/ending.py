"""How a subscription ends: ordered, taken back, come, and over for good."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionCanceled,
    SubscriptionEvent,
    SubscriptionTerminated,
    SubscriptionUncanceled,
)
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.subscription import Subscription, SubscriptionEnded
from services.subscriptions.domain.suspension import place_hold
from shared.calendar import days_later
from shared.errors import Conflict

RETENTION_DAYS = 30
RETAINED = {HoldKind.NON_PAYMENT, HoldKind.ENDED}
# Billing must hear of an end before it charges for the period after it.
NOTICE = timedelta(seconds=60)


class MinimumTermRuns(Conflict):
    code = "minimum_term_runs"


class When(StrEnum):
    PERIOD_END = "period_end"
    NOW = "now"


def cancel(
    subscription: Subscription, when: When, cause: Cause, *, released: bool = False
) -> list[SubscriptionEvent]:
    """Order the end, and end at once where that is now; a second time says nothing.

    While money is owed there is no paid period left to keep, so the end is now. An order within
    the last minute before a boundary takes effect at the boundary after it; `ends_at` says so.
    A minimum term is kept, whatever is owed, unless the provider has released the customer.

    Raises:
        MinimumTermRuns: to end now is against it.

    Source: docs/semantics.md B10.4, B10.13.
    """
    if subscription.is_over or subscription.is_held(HoldKind.ENDED):
        return []
    if subscription.activated_at is None:
        return cancel_before_activation(subscription, cause)
    until = None if released else subscription.committed_until
    if until is not None and cause.at < until:
        ends_at = _end_of_minimum(subscription, until, when, cause.at)
    else:
        ends_at = _end(subscription, when, cause.at)
    if subscription.ends_at is not None and subscription.ends_at <= ends_at:
        return []
    subscription.ends_at, subscription.canceled_at = ends_at, cause.at
    canceled = SubscriptionCanceled(subscription.next_version(), Change(ChangeKind.CANCELED, cause))
    return [canceled, *end_term(subscription, cause)]


def _end_of_minimum(
    subscription: Subscription, until: datetime, when: When, at: datetime
) -> datetime:
    if when is When.NOW:
        raise MinimumTermRuns(
            f"subscription {subscription.id} was ordered for a term that runs until"
            f" {until.isoformat()}",
            way_out="Cancel at the period's end, which is that day or later, or release the"
            " customer from the minimum term.",
        )
    no = max(subscription.covered, subscription.committed)
    return _with_notice(subscription, no, at)


def _end(subscription: Subscription, when: When, at: datetime) -> datetime:
    if when is When.NOW or subscription.is_owing:
        return at
    no = subscription.covered
    if subscription.holds and subscription.boundary(no) <= at:
        # Billing stands still while access is cut, so no further period is coming.
        return at
    return _with_notice(subscription, no, at)


def _with_notice(subscription: Subscription, no: int, at: datetime) -> datetime:
    while subscription.boundary(no) < at + NOTICE:
        no += 1
    return subscription.boundary(no)


def cancel_before_activation(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    if subscription.is_over or subscription.activated_at is not None:
        return []
    subscription.canceled_at = cause.at
    return [SubscriptionCanceled(subscription.next_version(), Change(ChangeKind.CANCELED, cause))]


def uncancel(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    """Take the ordered end back; where none was ordered, nothing is said.

    Raises:
        SubscriptionNotActivated, SubscriptionEnded: there is no end to take back any more.
    """
    subscription.require_activated()
    if subscription.is_held(HoldKind.ENDED):
        raise SubscriptionEnded(
            f"subscription {subscription.id} ended at {subscription.ends_at}",
            way_out="Reactivate it.",
        )
    if subscription.ends_at is None:
        return []
    subscription.ends_at = subscription.canceled_at = None
    change = Change(ChangeKind.UNCANCELED, cause)
    return [SubscriptionUncanceled(subscription.next_version(), change)]


def end_term(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    """The ordered end has come: suspend and keep the data, or terminate, as the offer says."""
    if subscription.is_over or subscription.ends_at is None or cause.at < subscription.ends_at:
        return []
    if subscription.end_of_term is EndOfTerm.TERMINATE:
        return _terminate(subscription, cause)
    return place_hold(subscription, HoldKind.ENDED, cause)


def retained_until(subscription: Subscription) -> datetime | None:
    """While cut off for its end or for non-payment, the data is kept so long and no longer."""
    since = [hold.cause.at for hold in subscription.holds if hold.kind in RETAINED]
    if subscription.is_over or not since:
        return None
    return days_later(min(since), RETENTION_DAYS, subscription.timezone)


def terminate_retained(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    until = retained_until(subscription)
    if until is None or cause.at < until:
        return []
    return _terminate(subscription, cause)


def _terminate(subscription: Subscription, cause: Cause) -> list[SubscriptionEvent]:
    subscription.terminated_at = cause.at
    change = Change(ChangeKind.TERMINATED, cause)
    return [SubscriptionTerminated(subscription.next_version(), change)]
