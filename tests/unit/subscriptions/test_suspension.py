from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.subscriptions.domain.ending import When, cancel
from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionChanged,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from services.subscriptions.domain.hold import Hold, HoldKind
from services.subscriptions.domain.item import ItemStatus
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.subscription import (
    Status,
    SubscriptionEnded,
    SubscriptionNotActivated,
)
from services.subscriptions.domain.suspension import expire_holds, lift_hold, place_hold
from tests.unit.subscriptions.stories import (
    JANUARY_31,
    RETRYING,
    a_created_subscription,
    a_standing,
    an_active_subscription,
    because,
    berlin_midnight,
    opened,
)

ABUSE, REQUESTED = HoldKind.ABUSE, HoldKind.REQUESTED


def test_the_first_hold_suspends_the_subscription_and_its_items() -> None:
    subscription = an_active_subscription()

    events = place_hold(subscription, ABUSE, because())

    assert subscription.status is Status.SUSPENDED
    assert subscription.item_status is ItemStatus.SUSPENDED
    assert events == [
        SubscriptionSuspended(
            replace(subscription), Change(ChangeKind.HOLD_PLACED, because()), Hold(ABUSE, because())
        )
    ]


def test_a_further_hold_is_a_change() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, ABUSE, because())

    [event] = place_hold(subscription, REQUESTED, because())

    assert isinstance(event, SubscriptionChanged)
    assert [hold.kind for hold in event.subscription.holds] == [ABUSE, REQUESTED]


def test_only_the_last_hold_lifted_gives_access_again() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, ABUSE, because())
    place_hold(subscription, REQUESTED, because())

    [changed] = lift_hold(subscription, ABUSE, because())
    [resumed] = lift_hold(subscription, REQUESTED, because())

    assert isinstance(changed, SubscriptionChanged)
    assert changed.subscription.status is Status.SUSPENDED
    assert isinstance(resumed, SubscriptionResumed)
    assert resumed.subscription.status is Status.ACTIVE


def test_placing_twice_and_lifting_what_is_not_there_say_nothing_new() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, ABUSE, because())
    before = replace(subscription)

    assert place_hold(subscription, ABUSE, because(reason="again")) == []
    assert lift_hold(subscription, REQUESTED, because()) == []
    assert subscription == before


def test_a_hold_ends_by_itself_at_its_instant_and_not_before() -> None:
    subscription = an_active_subscription()
    until = JANUARY_31 + timedelta(days=3)
    place_hold(subscription, REQUESTED, because(), until)

    assert expire_holds(subscription, because(until - timedelta(seconds=1))) == []
    [event] = expire_holds(subscription, because(until))

    assert isinstance(event, SubscriptionResumed)


def test_boundaries_that_passed_on_hold_open_nothing_and_the_billing_day_stays() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, REQUESTED, because(JANUARY_31 + timedelta(days=10)))

    lift_hold(subscription, REQUESTED, because(datetime(2027, 4, 10, 8, tzinfo=UTC)))
    assert subscription.covered_until == berlin_midnight(2027, 4, 30)

    opened(subscription, 1, 2, berlin_midnight(2027, 4, 30))
    assert subscription.covered_until == berlin_midnight(2027, 5, 31)


def test_what_is_owed_from_before_a_hold_keeps_its_boundary() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, RETRYING), because(berlin_midnight(2027, 2, 28)))
    place_hold(subscription, ABUSE, because(berlin_midnight(2027, 3, 2)))

    lift_hold(subscription, ABUSE, because(berlin_midnight(2027, 3, 20)))
    opened(subscription, 1, 3, berlin_midnight(2027, 3, 20))

    assert subscription.covered_until == berlin_midnight(2027, 3, 31)


def test_what_has_not_begun_or_is_over_cannot_be_held() -> None:
    created = a_created_subscription()
    with pytest.raises(SubscriptionNotActivated):
        place_hold(created, ABUSE, because())

    cancel(created, When.NOW, because())
    with pytest.raises(SubscriptionEnded):
        place_hold(created, ABUSE, because())
