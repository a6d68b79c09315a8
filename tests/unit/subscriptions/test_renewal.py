from datetime import UTC, date, datetime, timedelta

import pytest

from services.subscriptions.domain.ending import When, cancel
from services.subscriptions.domain.events import (
    SubscriptionRecovered,
    SubscriptionRenewed,
    SubscriptionResumed,
)
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod, open_period
from services.subscriptions.domain.subscription import Status
from services.subscriptions.domain.term import Period
from shared.calendar import local_date
from tests.unit.subscriptions.stories import (
    BERLIN,
    EXHAUSTED,
    JANUARY_31,
    RETRYING,
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


def test_an_opened_period_renews_up_to_the_next_boundary() -> None:
    subscription = an_active_subscription()

    [event] = opened(subscription, 1, 2, FEBRUARY_28)

    assert isinstance(event, SubscriptionRenewed)
    assert subscription.period == Period(1, FEBRUARY_28, MARCH_31)
    assert subscription.covered_until == MARCH_31
    assert (subscription.periods_opened, subscription.version) == (2, 3)


def test_a_period_that_is_known_opens_nothing_again() -> None:
    subscription = an_active_subscription()
    opened(subscription, 1, 2, FEBRUARY_28)

    assert opened(subscription, 1, 3, FEBRUARY_28) == []
    assert (subscription.periods_opened, subscription.version) == (2, 3)


def test_the_order_in_which_periods_are_heard_does_not_matter() -> None:
    forwards, backwards = an_active_subscription(), an_active_subscription()

    opened(forwards, 1, 2, FEBRUARY_28)
    opened(forwards, 2, 3, FEBRUARY_28)
    opened(backwards, 2, 3, FEBRUARY_28)
    opened(backwards, 1, 2, FEBRUARY_28)

    assert forwards.period == backwards.period == Period(2, MARCH_31, berlin_midnight(2027, 4, 30))
    assert forwards.opened == backwards.opened


def test_the_end_of_the_month_is_kept_over_two_years() -> None:
    subscription = an_active_subscription()

    ends = []
    for no in range(1, 25):
        opened(subscription, no, no + 1, subscription.boundary(no))
        ends.append(local_date(subscription.boundary(no + 1), BERLIN))

    assert ends[:3] == [date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]
    assert ends[11:13] == [date(2028, 2, 29), date(2028, 3, 31)]
    assert ends[23] == date(2029, 2, 28)


def test_paid_while_past_due_it_recovers_and_renews_from_the_old_day() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, RETRYING), because(FEBRUARY_28))

    events = opened(subscription, 1, 3, FEBRUARY_28 + timedelta(days=3))

    assert [type(each) for each in events] == [SubscriptionRecovered, SubscriptionRenewed]
    assert [each.subscription.version for each in events] == [4, 5]
    assert subscription.covered_until == MARCH_31


def test_paid_after_the_suspension_it_resumes_and_the_billing_day_moves() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))
    paid_at = datetime(2027, 3, 20, 15, tzinfo=UTC)

    events = opened(subscription, 1, 3, paid_at, anchor_on=date(2027, 3, 20))

    assert [type(each) for each in events] == [SubscriptionResumed, SubscriptionRenewed]
    assert subscription.period == Period(1, paid_at, berlin_midnight(2027, 4, 20))
    opened(subscription, 2, 4, berlin_midnight(2027, 4, 20))
    assert subscription.covered_until == berlin_midnight(2027, 5, 20)


def test_the_first_paid_period_ends_the_trial() -> None:
    subscription = an_active_subscription(TRIAL)
    trial_end = berlin_midnight(2027, 2, 14)
    assert subscription.period == Period(0, JANUARY_31, trial_end)

    [event] = opened(subscription, 1, 2, trial_end)

    assert isinstance(event, SubscriptionRenewed)
    assert subscription.status is Status.ACTIVE
    assert subscription.period == Period(1, trial_end, berlin_midnight(2027, 3, 14))


def test_a_first_charge_that_fails_after_the_trial_makes_it_past_due() -> None:
    subscription = an_active_subscription(TRIAL)

    obey(subscription, a_standing(2, RETRYING), because(berlin_midnight(2027, 2, 14)))

    assert subscription.status is Status.PAST_DUE


def test_a_period_for_a_canceled_order_opens_nothing() -> None:
    subscription = a_created_subscription()
    cancel(subscription, When.NOW, because())
    first = OpenedPeriod(0, JANUARY_31, OpenedBy.PAYMENT)

    assert open_period(subscription, first, a_standing(1), because()) == []
    assert (subscription.status, subscription.version) == (Status.CANCELED, 2)


def test_a_charge_that_crossed_the_end_opens_nothing() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.NOW, because(JANUARY_31 + timedelta(days=2)))

    assert opened(subscription, 1, 2, FEBRUARY_28) == []
    assert subscription.periods_opened == 1


@pytest.mark.parametrize("by", [OpenedBy.CREDIT, OpenedBy.FREE, OpenedBy.ACCOUNT])
def test_a_period_needs_no_payment_to_run(by: OpenedBy) -> None:
    subscription = an_active_subscription()

    [event] = opened(subscription, 1, 2, FEBRUARY_28, by=by)

    assert isinstance(event, SubscriptionRenewed)
    assert subscription.covered_until == MARCH_31


def test_a_period_that_begins_later_than_its_number_says_lets_the_boundaries_between_pass() -> None:
    subscription = an_active_subscription()
    april_30 = berlin_midnight(2027, 4, 30)
    period = OpenedPeriod(1, april_30, OpenedBy.PAYMENT)

    open_period(subscription, period, a_standing(2), because(april_30))

    assert subscription.period == Period(1, april_30, berlin_midnight(2027, 5, 31))
