"""Opening a period: the one word of billing that lets a subscription run on."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionEvent,
    SubscriptionRenewed,
)
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.standing import Standing
from services.subscriptions.domain.subscription import Subscription
from services.subscriptions.domain.term import Anchor, Running


class OpenedBy(StrEnum):
    PAYMENT = "payment"
    CREDIT = "credit"
    FREE = "free"
    TRIAL = "trial"
    ACCOUNT = "account"
    MANUAL = "manual"
    GRANT = "grant"


# Billing opens what an extension covers as well, so that it counts as granted and not again.
SETTLED_BY_EXTENSION = {OpenedBy.MANUAL, OpenedBy.GRANT}


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """`anchor_on` is set where a late payment moved the billing day: the period begins there.

    `order_id` is that of the order which it answers.
    """

    no: int
    start: datetime
    by: OpenedBy
    anchor_on: date | None = None
    order_id: str | None = None


def open_period(
    subscription: Subscription, period: OpenedPeriod, standing: Standing, cause: Cause
) -> list[SubscriptionEvent]:
    """Obey the standing that came with it, then run on; a number that is known opens nothing.

    The first period says nothing yet: the activation will, when the panel has answered. A charge
    that crossed the ordered end is taken back by billing itself and opens nothing here; a period
    that answers an order is that order's to run (`reactivation`).
    """
    events = obey(subscription, standing, cause)
    if subscription.is_over or subscription.is_held(HoldKind.ENDED) or period.order_id is not None:
        return events
    if period.no in subscription.opened | subscription.settled:
        return events
    if subscription.activated_at is None:
        subscription.opened |= {period.no}
        subscription.first_opened_at = subscription.first_opened_at or cause.at
        return events
    return [*events, _run_on(subscription, period, cause)]


def _run_on(subscription: Subscription, period: OpenedPeriod, cause: Cause) -> SubscriptionEvent:
    take_in(subscription, period)
    return SubscriptionRenewed(subscription.next_version(), Change(ChangeKind.RENEWED, cause))


def take_in(subscription: Subscription, period: OpenedPeriod) -> None:
    """It counts from now on, and runs if it is the latest."""
    if subscription.running is None or period.no > subscription.running.no:
        _move_anchor(subscription, period)
        subscription.running = Running(period.no, period.start)
    if period.by in SETTLED_BY_EXTENSION and period.order_id is None:
        subscription.settled |= {period.no}
    else:
        subscription.opened |= {period.no}


def _move_anchor(subscription: Subscription, period: OpenedPeriod) -> None:
    """A late payment restarts the calendar; and boundaries may have passed that billing let go."""
    if period.anchor_on is not None:
        subscription.anchor = Anchor(period.anchor_on, period.no)
    elif subscription.anchor is not None and subscription.boundary(period.no) < period.start:
        subscription.anchor = subscription.anchor.letting_pass(
            period.no, period.start, subscription.interval, subscription.timezone
        )
