"""Lengthening a subscription by periods or to a day, as a gift or for money paid elsewhere."""

from dataclasses import dataclass
from datetime import date

from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionEvent,
    SubscriptionExtended,
)
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.subscription import Subscription, SubscriptionEnded
from services.subscriptions.domain.term import Anchor, Running
from shared.calendar import local_date, start_of_local_day
from shared.errors import Invalid

MOST_INTERVALS = 120
FURTHEST_YEARS = 10


class IntervalsOutOfRange(Invalid):
    code = "intervals_out_of_range"


class ExtensionEmpty(Invalid):
    code = "extension_empty"


class DayOutOfRange(Invalid):
    code = "day_out_of_range"


class AmountOutOfRange(Invalid):
    code = "amount_out_of_range"


@dataclass(frozen=True, slots=True)
class Grant:
    """Either so many `intervals`, or `until` a local day. `id` names the extension for ever."""

    id: str
    intervals: int
    until: date | None
    paid_externally_minor: int


def extend(subscription: Subscription, grant: Grant, cause: Cause) -> list[SubscriptionEvent]:
    """Let it reach further; what is owed is settled by billing, which hears of it.

    Where access is cut for non-payment the extension is what brings it back, so its time starts
    now and not at the boundary that passed unpaid. To a day, it grants one period of its own
    length, so that no number is used twice. An ordered end moves along. A grant that is known
    grants nothing more.

    Raises:
        SubscriptionNotActivated, SubscriptionEnded, Invalid
    """
    if grant.id in subscription.grants:
        return []
    subscription.require_activated()
    if subscription.is_held(HoldKind.ENDED):
        raise SubscriptionEnded(
            f"subscription {subscription.id} ended at {subscription.ends_at}",
            way_out="Order a new subscription.",
        )
    _check(subscription, grant, cause)
    first = subscription.covered
    if _has_lapsed(subscription, cause):
        subscription.anchor = Anchor(local_date(cause.at, subscription.timezone), first)
        subscription.running = Running(first, cause.at)
    granted = grant.intervals or 1
    subscription.granted += granted
    subscription.grants = (*subscription.grants, grant.id)
    if grant.until:
        subscription.anchor = Anchor(grant.until, subscription.covered)
    if subscription.ends_at is not None:
        subscription.ends_at = max(
            subscription.ends_at, subscription.boundary(subscription.covered)
        )
    return [
        SubscriptionExtended(
            subscription.next_version(),
            Change(ChangeKind.EXTENDED, cause),
            grant.id,
            granted,
            grant.until,
            grant.paid_externally_minor,
        )
    ]


def _has_lapsed(subscription: Subscription, cause: Cause) -> bool:
    """What was covered is over, and no charge for the time since is coming."""
    if subscription.is_held(HoldKind.NON_PAYMENT):
        return True
    return bool(subscription.holds) and subscription.boundary(subscription.covered) <= cause.at


def _check(subscription: Subscription, grant: Grant, cause: Cause) -> None:
    if (grant.intervals != 0) is (grant.until is not None):
        raise ExtensionEmpty(
            "an extension is either by intervals or until a day",
            field="intervals",
            way_out="Give exactly one of intervals and until.",
        )
    if not 0 <= grant.intervals <= MOST_INTERVALS:
        raise IntervalsOutOfRange(
            f"{grant.intervals} intervals",
            field="intervals",
            way_out=f"Extend by 1 to {MOST_INTERVALS} intervals.",
        )
    if grant.paid_externally_minor < 0:
        raise AmountOutOfRange(
            "less than nothing was paid elsewhere",
            field="paid_externally_minor",
            way_out="Give 0 for a gift.",
        )
    if grant.until is not None:
        _check_day(subscription, grant.until, cause)


def _check_day(subscription: Subscription, until: date, cause: Cause) -> None:
    today = local_date(cause.at, subscription.timezone)
    end = subscription.boundary(subscription.covered)
    reaches_further = until > today and start_of_local_day(until, subscription.timezone) > end
    if not reaches_further or until.year > today.year + FURTHEST_YEARS:
        raise DayOutOfRange(
            f"{until} is not after {max(today, local_date(end, subscription.timezone))}, or too far",
            field="until",
            way_out=f"Name a later day, within {FURTHEST_YEARS} years.",
        )
