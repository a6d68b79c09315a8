from dataclasses import replace
from datetime import timedelta

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
from services.subscriptions.domain.subscription import (
    Status,
    SubscriptionEnded,
    SubscriptionNotActivated,
)
from services.subscriptions.domain.suspension import expire_holds, lift_hold, place_hold
from tests.unit.subscriptions.stories import (
    JANUARY_31,
    a_created_subscription,
    an_active_subscription,
    because,
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


def test_what_has_not_begun_or_is_over_cannot_be_held() -> None:
    created = a_created_subscription()
    with pytest.raises(SubscriptionNotActivated):
        place_hold(created, ABUSE, because())

    cancel(created, When.NOW, because())
    with pytest.raises(SubscriptionEnded):
        place_hold(created, ABUSE, because())
