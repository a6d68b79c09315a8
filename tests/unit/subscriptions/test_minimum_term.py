"""A minimum term: until when a customer has bound himself, and how he may be let go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.subscriptions.domain.ending import MinimumTermRuns, When, cancel, uncancel
from services.subscriptions.domain.offer import MinimumOutOfRange, publish
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.subscription import Status
from shared.calendar import Interval
from tests.unit.subscriptions.stories import (
    HOSTING,
    JANUARY_31,
    RETRYING,
    TRIAL,
    a_standing,
    an_active_subscription,
    because,
    berlin_midnight,
    opened,
)

QUARTER = replace(HOSTING, minimum_periods=3)
DAY = timedelta(days=1)
APRIL_30 = berlin_midnight(2027, 4, 30)


def test_a_cancellation_within_the_minimum_term_takes_effect_at_its_end() -> None:
    subscription = an_active_subscription(QUARTER)

    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    assert subscription.committed_until == subscription.ends_at == APRIL_30
    assert subscription.status is Status.ACTIVE


def test_after_the_minimum_term_each_period_may_be_the_last() -> None:
    subscription = an_active_subscription(QUARTER)
    for no in range(1, 5):
        opened(subscription, no, no + 1, subscription.boundary(no))

    cancel(subscription, When.PERIOD_END, because(subscription.boundary(4) + DAY))

    assert subscription.ends_at == berlin_midnight(2027, 6, 30)


def test_nobody_ends_it_at_once_within_the_minimum_term() -> None:
    subscription = an_active_subscription(QUARTER)

    with pytest.raises(MinimumTermRuns, match="2027-04-29T22:00:00") as refused:
        cancel(subscription, When.NOW, because(JANUARY_31 + DAY))

    assert "release" in str(refused.value.way_out)
    assert (subscription.ends_at, subscription.version) == (None, 2)


@pytest.mark.parametrize(
    ("when", "ends_at"),
    [(When.NOW, JANUARY_31 + DAY), (When.PERIOD_END, berlin_midnight(2027, 2, 28))],
)
def test_who_is_released_may_leave_as_if_there_were_no_minimum_term(
    when: When, ends_at: object
) -> None:
    subscription = an_active_subscription(QUARTER)

    cancel(subscription, when, because(JANUARY_31 + DAY), released=True)

    assert subscription.ends_at == ends_at


def test_to_owe_money_is_no_way_out_of_a_minimum_term() -> None:
    subscription = an_active_subscription(QUARTER)
    obey(subscription, a_standing(2, RETRYING), because(berlin_midnight(2027, 2, 28)))

    cancel(subscription, When.PERIOD_END, because(berlin_midnight(2027, 3, 1)))

    assert (subscription.status, subscription.ends_at) == (Status.PAST_DUE, APRIL_30)


def test_a_trial_binds_nobody_and_the_term_begins_after_it() -> None:
    subscription = an_active_subscription(replace(TRIAL, minimum_periods=3))

    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))
    in_trial = (subscription.committed_until, subscription.ends_at)
    uncancel(subscription, because(JANUARY_31 + DAY))
    opened(subscription, 1, 2, subscription.boundary(1))

    assert in_trial == (None, berlin_midnight(2027, 2, 14))
    assert subscription.committed_until == berlin_midnight(2027, 5, 14)


@pytest.mark.parametrize(
    ("periods", "interval"),
    [
        (-1, Interval("month")),
        (121, Interval("month")),
        (11, Interval("year")),
        (2**60, Interval("day")),
    ],
)
def test_an_offer_binds_for_ten_years_at_most(periods: int, interval: Interval) -> None:
    draft = replace(HOSTING, version=0, interval=interval, minimum_periods=periods)

    with pytest.raises(MinimumOutOfRange) as refused:
        publish(None, draft, because())

    assert refused.value.field == "minimum_periods"
