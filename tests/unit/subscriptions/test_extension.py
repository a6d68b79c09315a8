from datetime import UTC, date, datetime, timedelta

import pytest

from services.subscriptions.domain.ending import When, cancel
from services.subscriptions.domain.events import SubscriptionExtended, SubscriptionRenewed
from services.subscriptions.domain.extension import (
    AmountOutOfRange,
    DayOutOfRange,
    ExtensionEmpty,
    Grant,
    IntervalsOutOfRange,
    extend,
)
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.renewal import OpenedBy
from services.subscriptions.domain.subscription import (
    Status,
    SubscriptionEnded,
    SubscriptionNotActivated,
)
from services.subscriptions.domain.suspension import lift_hold, place_hold
from services.subscriptions.domain.term import Period
from shared.errors import Invalid
from tests.unit.subscriptions.stories import (
    CURRENT,
    EXHAUSTED,
    JANUARY_31,
    TRIAL,
    a_created_subscription,
    a_standing,
    an_active_subscription,
    because,
    berlin_midnight,
    opened,
)

FEBRUARY_28 = berlin_midnight(2027, 2, 28)
MARCH_31 = berlin_midnight(2027, 3, 31)
APRIL_30 = berlin_midnight(2027, 4, 30)
DAY = timedelta(days=1)


def a_grant(intervals: int = 1, until: date | None = None, paid: int = 0) -> Grant:
    return Grant("grt_1", intervals, until, paid)


def test_an_extension_moves_the_end_and_keeps_the_billing_day() -> None:
    subscription = an_active_subscription()

    [event] = extend(subscription, a_grant(2), because())

    assert isinstance(event, SubscriptionExtended)
    assert (event.grant_id, event.intervals) == ("grt_1", 2)
    assert subscription.period == Period(0, JANUARY_31, APRIL_30)
    assert (subscription.periods_opened, subscription.granted) == (1, 2)


def test_the_same_grant_again_grants_nothing_more() -> None:
    subscription = an_active_subscription()
    extend(subscription, a_grant(2), because())

    assert extend(subscription, a_grant(2), because()) == []
    assert subscription.covered_until == APRIL_30


def test_a_payment_and_an_extension_commute() -> None:
    paid_first, extended_first = an_active_subscription(), an_active_subscription()

    opened(paid_first, 1, 2, FEBRUARY_28)
    extend(paid_first, a_grant(), because())
    extend(extended_first, a_grant(), because())
    opened(extended_first, 1, 2, FEBRUARY_28)

    assert paid_first == extended_first
    assert paid_first.covered_until == APRIL_30


def test_the_period_after_an_extension_takes_the_number_after_it() -> None:
    subscription = an_active_subscription()
    extend(subscription, a_grant(), because())
    assert subscription.covered == 2

    opened(subscription, 2, 2, MARCH_31)

    assert subscription.period == Period(2, MARCH_31, APRIL_30)


def test_extended_to_a_day_the_billing_day_moves_there() -> None:
    subscription = an_active_subscription()

    [event] = extend(subscription, a_grant(0, date(2027, 3, 10)), because())
    assert isinstance(event, SubscriptionExtended)
    assert (event.intervals, event.until) == (1, date(2027, 3, 10))
    assert subscription.covered_until == berlin_midnight(2027, 3, 10)
    assert (subscription.periods_opened, subscription.granted) == (1, 1)

    opened(subscription, 2, 2, berlin_midnight(2027, 3, 10))
    assert subscription.covered_until == berlin_midnight(2027, 4, 10)


def test_an_extended_trial_is_still_a_trial() -> None:
    subscription = an_active_subscription(TRIAL)

    extend(subscription, a_grant(), because())

    assert subscription.status is Status.TRIALING
    assert subscription.covered_until == berlin_midnight(2027, 3, 14)


def test_an_ordered_end_moves_along() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    extend(subscription, a_grant(), because(JANUARY_31 + 2 * DAY))

    assert subscription.ends_at == MARCH_31


def test_an_extension_that_settles_what_is_owed_counts_once() -> None:
    """Suspended for non-payment, paid at the counter: the month begins that day."""
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))
    paid_at = datetime(2027, 3, 20, 15, tzinfo=UTC)

    extend(subscription, a_grant(1, paid=1250), because(paid_at))
    events = opened(subscription, 1, 3, paid_at, by=OpenedBy.MANUAL, anchor_on=date(2027, 3, 20))

    assert isinstance(events[-1], SubscriptionRenewed)
    assert subscription.status is Status.ACTIVE
    assert (subscription.periods_opened, subscription.granted) == (1, 1)
    assert subscription.period == Period(1, paid_at, berlin_midnight(2027, 4, 20))


def test_a_goodwill_extension_of_a_suspended_subscription_waits_for_billing_to_void() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))

    extend(subscription, a_grant(), because(datetime(2027, 3, 20, 15, tzinfo=UTC)))
    assert subscription.is_held(HoldKind.NON_PAYMENT)
    obey(subscription, a_standing(3, CURRENT), because())

    assert subscription.status is Status.ACTIVE
    assert subscription.covered_until == berlin_midnight(2027, 4, 20)


def test_what_an_extension_covers_is_opened_once_however_often_it_is_heard() -> None:
    subscription = an_active_subscription()
    extend(subscription, a_grant(1, paid=1250), because())
    opened(subscription, 1, 2, FEBRUARY_28, by=OpenedBy.MANUAL)

    assert opened(subscription, 1, 3, FEBRUARY_28, by=OpenedBy.MANUAL) == []
    assert subscription.period == Period(1, FEBRUARY_28, MARCH_31)


def test_what_was_covered_before_a_long_hold_is_not_what_an_extension_is_used_up_for() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.REQUESTED, because(JANUARY_31 + DAY))
    april_10 = datetime(2027, 4, 10, 8, tzinfo=UTC)

    extend(subscription, a_grant(), because(april_10))
    lift_hold(subscription, HoldKind.REQUESTED, because(april_10 + DAY))

    assert subscription.covered_until == berlin_midnight(2027, 5, 10)


@pytest.mark.parametrize(
    ("grant", "refusal", "field"),
    [
        (a_grant(0), ExtensionEmpty, "intervals"),
        (a_grant(1, date(2027, 5, 1)), ExtensionEmpty, "intervals"),
        (a_grant(121), IntervalsOutOfRange, "intervals"),
        (a_grant(-1), IntervalsOutOfRange, "intervals"),
        (a_grant(1, paid=-1), AmountOutOfRange, "paid_externally_minor"),
        (a_grant(0, date(2027, 2, 28)), DayOutOfRange, "until"),
        (a_grant(0, date(2038, 1, 1)), DayOutOfRange, "until"),
    ],
)
def test_an_extension_that_is_none_is_refused_and_changes_nothing(
    grant: Grant, refusal: type[Invalid], field: str
) -> None:
    subscription = an_active_subscription()

    with pytest.raises(refusal) as refused:
        extend(subscription, grant, because())

    assert refused.value.field == field
    assert refused.value.way_out
    assert subscription == an_active_subscription()


def test_what_has_not_begun_or_has_ended_is_not_extended() -> None:
    ended = an_active_subscription()
    cancel(ended, When.NOW, because(JANUARY_31 + DAY))

    with pytest.raises(SubscriptionEnded):
        extend(ended, a_grant(), because(JANUARY_31 + DAY))
    with pytest.raises(SubscriptionNotActivated):
        extend(a_created_subscription(), a_grant(), because())
