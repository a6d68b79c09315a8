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


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """`anchor_on` is set where a late payment moved the billing day: the period begins there."""

    no: int
    start: datetime
    by: OpenedBy
    anchor_on: date | None = None


def open_period(
    subscription: Subscription, period: OpenedPeriod, standing: Standing, cause: Cause
) -> list[SubscriptionEvent]:
    """Obey the standing that came with it, then run on; a number that is known opens nothing.

    The first period says nothing yet: the activation will, when the panel has answered. A charge
    that crossed the ordered end is taken back by billing itself and opens nothing here.
    """
    events = obey(subscription, standing, cause)
    if subscription.is_over or subscription.is_held(HoldKind.ENDED):
        return events
    if period.no in subscription.opened:
        return events
    if subscription.activated_at is None:
        subscription.opened |= {period.no}
        subscription.first_opened_at = subscription.first_opened_at or cause.at
        return events
    return [*events, _run_on(subscription, period, cause)]


def _run_on(subscription: Subscription, period: OpenedPeriod, cause: Cause) -> SubscriptionEvent:
    if _was_granted(subscription, period):
        subscription.granted -= 1
    subscription.opened |= {period.no}
    anchor, running = subscription.anchor, subscription.running
    if period.anchor_on and anchor and period.no > anchor.period_no:
        subscription.anchor = Anchor(period.anchor_on, period.no)
    if running is None or period.no > running.no:
        subscription.running = Running(period.no, period.start)
    return SubscriptionRenewed(subscription.next_version(), Change(ChangeKind.RENEWED, cause))


def _was_granted(subscription: Subscription, period: OpenedPeriod) -> bool:
    """An extension is opened by billing where it settles an open invoice: it counts once.

    Money taken at the gateway for the number that an extension took has crossed it, and counts
    beside it.
    """
    if subscription.granted == 0:
        return False
    paid_elsewhere = period.by is OpenedBy.MANUAL and period.no < subscription.covered
    return period.by is OpenedBy.GRANT or paid_elsewhere
