from datetime import UTC, date, datetime, timedelta

from services.subscriptions.domain.activation import (
    activate,
    expire_activation,
    give_up_provisioning,
)
from services.subscriptions.domain.ending import When, cancel
from services.subscriptions.domain.events import (
    ProvisioningFailed,
    SealedCredentials,
    SubscriptionActivated,
    SubscriptionCanceled,
)
from services.subscriptions.domain.item import ItemStatus
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod, open_period
from services.subscriptions.domain.subscription import Status, Subscription
from services.subscriptions.domain.term import Anchor, Period
from tests.unit.subscriptions.stories import (
    JANUARY_31,
    TRIAL,
    a_created_subscription,
    a_standing,
    because,
    berlin_midnight,
)

SEALED = SealedCredentials("key_1", "e30.e30", JANUARY_31 + timedelta(days=7))


def paid_at(at: datetime, subscription: Subscription) -> Subscription:
    period = OpenedPeriod(0, at, OpenedBy.PAYMENT)
    assert open_period(subscription, period, a_standing(1), because(at)) == []
    return subscription


def test_the_first_period_waits_for_the_panel_and_says_nothing_yet() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())

    assert (subscription.status, subscription.version) == (Status.CREATED, 1)
    assert (subscription.periods_opened, subscription.period) == (0, None)


def test_activated_it_runs_from_that_instant_to_the_first_boundary() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())

    [event] = activate(subscription, SEALED, because(JANUARY_31))

    assert isinstance(event, SubscriptionActivated)
    assert event.credentials == SEALED
    assert (subscription.status, subscription.item_status) == (Status.ACTIVE, ItemStatus.ACTIVE)
    assert subscription.anchor == Anchor(date(2027, 1, 31), 0)
    assert subscription.period == Period(0, JANUARY_31, berlin_midnight(2027, 2, 28))


def test_provisioned_after_local_midnight_the_anchor_is_the_later_day() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())
    after_midnight_in_berlin = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)

    activate(subscription, SEALED, because(after_midnight_in_berlin))

    assert subscription.anchor == Anchor(date(2027, 2, 1), 0)
    assert subscription.covered_until == berlin_midnight(2027, 3, 1)


def test_a_trial_runs_whole_local_days_from_the_activation() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription(TRIAL))

    activate(subscription, SEALED, because(JANUARY_31))

    assert subscription.status is Status.TRIALING
    assert subscription.anchor == Anchor(date(2027, 2, 14), 1)
    assert subscription.covered_until == berlin_midnight(2027, 2, 14)


def test_the_panel_answering_twice_activates_once() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())
    activate(subscription, SEALED, because(JANUARY_31))

    assert activate(subscription, SEALED, because(JANUARY_31 + timedelta(hours=1))) == []
    assert subscription.activated_at == JANUARY_31


def test_an_answer_after_the_cancellation_activates_nothing() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())
    cancel(subscription, When.NOW, because())

    assert activate(subscription, SEALED, because()) == []
    assert subscription.status is Status.CANCELED


def test_what_nobody_pays_for_within_23_hours_is_canceled() -> None:
    subscription = a_created_subscription()
    just_before = JANUARY_31 + timedelta(hours=23) - timedelta(seconds=1)

    assert expire_activation(subscription, because(just_before)) == []
    [event] = expire_activation(
        subscription, because(JANUARY_31 + timedelta(hours=23), "payment_not_received")
    )

    assert isinstance(event, SubscriptionCanceled)
    assert event.change.cause.reason == "payment_not_received"
    assert (subscription.status, subscription.item_status) == (
        Status.CANCELED,
        ItemStatus.TERMINATED,
    )


def test_what_was_paid_in_time_is_not_canceled() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())

    assert expire_activation(subscription, because(JANUARY_31 + timedelta(hours=23))) == []
    assert subscription.status is Status.CREATED


def test_a_panel_away_for_24_hours_ends_the_order_and_its_last_answer_is_told() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())
    too_early = JANUARY_31 + timedelta(hours=24) - timedelta(seconds=1)

    assert give_up_provisioning(subscription, "500", because(too_early)) == []
    failed, canceled = give_up_provisioning(
        subscription, "500", because(JANUARY_31 + timedelta(hours=24), "provisioning_failed")
    )

    assert isinstance(failed, ProvisioningFailed)
    assert failed.change.cause.reason == "500"
    assert isinstance(canceled, SubscriptionCanceled)
    assert canceled.change.cause.reason == "provisioning_failed"
    assert [each.subscription.version for each in (failed, canceled)] == [2, 3]


def test_an_activated_subscription_is_past_both_deadlines() -> None:
    subscription = paid_at(JANUARY_31, a_created_subscription())
    activate(subscription, SEALED, because(JANUARY_31))
    late = because(JANUARY_31 + timedelta(days=30))

    assert expire_activation(subscription, late) == []
    assert give_up_provisioning(subscription, "500", late) == []
