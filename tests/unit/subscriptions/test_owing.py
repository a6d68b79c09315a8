from services.subscriptions.domain.events import (
    Change,
    ChangeKind,
    SubscriptionChanged,
    SubscriptionPastDue,
    SubscriptionRecovered,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.subscription import Status
from services.subscriptions.domain.suspension import place_hold
from tests.unit.subscriptions.stories import (
    CURRENT,
    EXHAUSTED,
    GRACE,
    RETRYING,
    a_created_subscription,
    a_standing,
    an_active_subscription,
    because,
)


def test_a_failed_charge_makes_it_past_due_and_keeps_access() -> None:
    subscription = an_active_subscription()

    [event] = obey(subscription, a_standing(2, RETRYING), because())

    assert isinstance(event, SubscriptionPastDue)
    assert event.change == Change(ChangeKind.PAST_DUE, because())
    assert (subscription.status, subscription.version) == (Status.PAST_DUE, 3)


def test_the_last_retry_failing_begins_grace() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, RETRYING), because())

    [event] = obey(subscription, a_standing(3, GRACE), because())

    assert isinstance(event, SubscriptionChanged)
    assert event.change.kind is ChangeKind.GRACE_ENTERED
    assert subscription.status is Status.GRACE


def test_a_payment_within_grace_recovers() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, GRACE), because())

    [event] = obey(subscription, a_standing(3, CURRENT), because())

    assert isinstance(event, SubscriptionRecovered)
    assert subscription.status is Status.ACTIVE


def test_exhausted_dunning_suspends_and_a_current_standing_resumes() -> None:
    subscription = an_active_subscription()

    [suspended] = obey(subscription, a_standing(2, EXHAUSTED), because())
    [resumed] = obey(subscription, a_standing(3, CURRENT), because())

    assert isinstance(suspended, SubscriptionSuspended)
    assert suspended.hold.kind is HoldKind.NON_PAYMENT
    assert isinstance(resumed, SubscriptionResumed)
    assert subscription.status is Status.ACTIVE


def test_a_failed_attempt_while_suspended_does_not_give_access_back() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because())

    assert obey(subscription, a_standing(3, RETRYING), because()) == []
    assert subscription.status is Status.SUSPENDED


def test_a_payment_lifts_non_payment_and_no_other_hold() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.ABUSE, because())
    obey(subscription, a_standing(2, EXHAUSTED), because())

    [event] = obey(subscription, a_standing(3, CURRENT), because())

    assert isinstance(event, SubscriptionChanged)
    assert [hold.kind for hold in subscription.holds] == [HoldKind.ABUSE]


def test_an_older_word_changes_nothing() -> None:
    subscription = an_active_subscription()
    obey(subscription, a_standing(8, CURRENT), because())

    assert obey(subscription, a_standing(7, EXHAUSTED), because()) == []
    assert subscription.standing == a_standing(8, CURRENT)
    assert subscription.status is Status.ACTIVE


def test_a_word_that_moves_nothing_is_remembered_and_not_told() -> None:
    subscription = an_active_subscription()

    assert obey(subscription, a_standing(5, CURRENT), because()) == []
    assert (subscription.standing.version, subscription.version) == (5, 2)
    assert subscription.obeyed == a_standing(1)


def test_before_the_activation_nothing_can_be_owed() -> None:
    subscription = a_created_subscription()

    assert obey(subscription, a_standing(1, RETRYING), because()) == []
    assert subscription.status is Status.CREATED
