from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.subscriptions.domain.ending import (
    When,
    cancel,
    end_term,
    retained_until,
    terminate_retained,
    uncancel,
)
from services.subscriptions.domain.events import (
    SubscriptionCanceled,
    SubscriptionChanged,
    SubscriptionSuspended,
    SubscriptionTerminated,
    SubscriptionUncanceled,
)
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.item import ItemStatus
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.standing import StandingStatus
from services.subscriptions.domain.subscription import (
    Status,
    SubscriptionEnded,
    SubscriptionNotActivated,
)
from services.subscriptions.domain.suspension import place_hold
from tests.unit.subscriptions.stories import (
    CURRENT,
    EXHAUSTED,
    GRACE,
    HOSTING,
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
DAY = timedelta(days=1)


def test_a_cancellation_lets_the_paid_period_run_to_its_end() -> None:
    subscription = an_active_subscription()

    [event] = cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    assert isinstance(event, SubscriptionCanceled)
    assert (subscription.status, subscription.ends_at) == (Status.ACTIVE, FEBRUARY_28)
    assert subscription.canceled_at == JANUARY_31 + DAY


def test_a_second_cancellation_says_nothing() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))
    before = replace(subscription)

    assert cancel(subscription, When.PERIOD_END, because(JANUARY_31 + 2 * DAY)) == []
    assert subscription == before


def test_the_end_can_be_brought_forward_to_now() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    events = cancel(subscription, When.NOW, because(JANUARY_31 + 2 * DAY))

    assert [type(each) for each in events] == [SubscriptionCanceled, SubscriptionSuspended]
    assert subscription.ends_at == JANUARY_31 + 2 * DAY


def test_a_trial_canceled_ends_with_the_trial() -> None:
    subscription = an_active_subscription(TRIAL)

    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    assert subscription.ends_at == berlin_midnight(2027, 2, 14)


@pytest.mark.parametrize("owed", [RETRYING, GRACE])
def test_while_money_is_owed_it_ends_at_once(owed: StandingStatus) -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, owed), because(FEBRUARY_28))

    events = cancel(subscription, When.PERIOD_END, because(FEBRUARY_28 + DAY))

    assert [type(each) for each in events] == [SubscriptionCanceled, SubscriptionSuspended]
    assert subscription.ends_at == FEBRUARY_28 + DAY
    assert [hold.kind for hold in subscription.holds] == [HoldKind.ENDED]


def test_canceled_while_suspended_for_non_payment_the_void_leaves_only_the_end() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(FEBRUARY_28 + 7 * DAY))

    events = cancel(subscription, When.PERIOD_END, because(FEBRUARY_28 + 8 * DAY))
    obey(subscription, a_standing(3, CURRENT), because(FEBRUARY_28 + 8 * DAY))

    assert [type(each) for each in events] == [SubscriptionCanceled, SubscriptionChanged]
    assert [hold.kind for hold in subscription.holds] == [HoldKind.ENDED]


@pytest.mark.parametrize(
    ("seconds_before", "ends_at"), [(61, FEBRUARY_28), (60, FEBRUARY_28), (59, MARCH_31)]
)
def test_an_order_in_the_last_minute_takes_effect_at_the_boundary_after(
    seconds_before: int, ends_at: datetime
) -> None:
    subscription = an_active_subscription()

    cancel(
        subscription,
        When.PERIOD_END,
        because(FEBRUARY_28 - timedelta(seconds=seconds_before)),
    )

    assert subscription.ends_at == ends_at


def test_held_beyond_what_was_paid_it_ends_now_since_no_period_is_coming() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.REQUESTED, because())

    cancel(subscription, When.PERIOD_END, because(FEBRUARY_28 + DAY))

    assert subscription.ends_at == FEBRUARY_28 + DAY


def test_the_end_taken_back_is_as_if_never_ordered() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    [event] = uncancel(subscription, because(JANUARY_31 + 2 * DAY))

    assert isinstance(event, SubscriptionUncanceled)
    assert (subscription.ends_at, subscription.canceled_at) == (None, None)
    assert uncancel(subscription, because(JANUARY_31 + 2 * DAY)) == []


def test_what_has_ended_cannot_be_taken_back() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.NOW, because(JANUARY_31 + DAY))

    with pytest.raises(SubscriptionEnded):
        uncancel(subscription, because(JANUARY_31 + 2 * DAY))
    with pytest.raises(SubscriptionNotActivated):
        uncancel(a_created_subscription(), because())


def test_the_end_comes_at_its_instant_and_not_before() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because(JANUARY_31 + DAY))

    assert end_term(subscription, because(FEBRUARY_28 - timedelta(seconds=1))) == []
    [event] = end_term(subscription, because(FEBRUARY_28))

    assert isinstance(event, SubscriptionSuspended)
    assert event.hold.kind is HoldKind.ENDED
    assert end_term(subscription, because(FEBRUARY_28)) == []


def test_an_offer_may_end_its_subscriptions_for_good_at_once() -> None:
    offer = replace(HOSTING, end_of_term=EndOfTerm.TERMINATE)
    subscription = an_active_subscription(offer)

    events = cancel(subscription, When.NOW, because(JANUARY_31 + DAY))

    assert [type(each) for each in events] == [SubscriptionCanceled, SubscriptionTerminated]
    assert subscription.status is Status.TERMINATED
    assert subscription.item_status is ItemStatus.TERMINATED


def test_the_data_is_kept_thirty_local_days_and_no_longer() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))
    # The clocks of Berlin are set forward in between; the local day begins at midnight all the same.
    until = berlin_midnight(2027, 4, 6)

    assert retained_until(subscription) == until
    assert terminate_retained(subscription, because(until - timedelta(seconds=1))) == []
    [event] = terminate_retained(subscription, because(until))

    assert isinstance(event, SubscriptionTerminated)
    assert terminate_retained(subscription, because(until)) == []


def test_paid_in_time_nothing_is_terminated() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))
    obey(subscription, a_standing(3, CURRENT), because(berlin_midnight(2027, 4, 5)))

    assert terminate_retained(subscription, because(berlin_midnight(2027, 4, 6))) == []


def test_a_hold_for_abuse_alone_never_terminates() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.ABUSE, because())

    assert terminate_retained(subscription, because(JANUARY_31 + 400 * DAY)) == []


def test_a_period_opened_before_the_cancellation_is_kept() -> None:
    subscription = an_active_subscription()
    opened(subscription, 1, 2, FEBRUARY_28)

    cancel(subscription, When.PERIOD_END, because(FEBRUARY_28 + DAY))

    assert subscription.ends_at == MARCH_31
