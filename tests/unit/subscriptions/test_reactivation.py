"""Coming back after the end: what is asked of billing, and what its two words do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.subscriptions.domain.ending import When, cancel, end_term, terminate_retained
from services.subscriptions.domain.events import (
    SubscriptionEvent,
    SubscriptionRenewed,
    SubscriptionResumed,
)
from services.subscriptions.domain.gated_order import (
    Gate,
    GatedOrder,
    GatedOrderEvent,
    OrderApplied,
    OrderCanceled,
    OrderDeclined,
    OrderPlaced,
    cancel_order,
    expire,
    refuse,
)
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.order import OrderId, OrderStatus, Refusal
from services.subscriptions.domain.reactivation import (
    Outcome,
    note_cleared,
    note_opened,
    reactivate,
)
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod
from services.subscriptions.domain.subscription import Status, Subscription
from services.subscriptions.domain.suspension import place_hold
from shared.errors import Conflict
from tests.unit.subscriptions.stories import TRIAL, an_active_subscription, because, berlin_midnight

END = berlin_midnight(2027, 2, 28)
BACK = datetime(2027, 3, 10, 9, tzinfo=UTC)
ORDER = OrderId("ord_1")
NOTHING = Outcome([], [])


def an_ended_subscription() -> Subscription:
    """Cancelled for the end of its first month, which has come."""
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because())
    end_term(subscription, because(END))
    return subscription


def an_order(subscription: Subscription, at: datetime = BACK) -> GatedOrder:
    return reactivate(subscription, ORDER, Gate.PAYMENT, because(at))[0]


def a_paid_period(no: int = 1, by: OpenedBy = OpenedBy.PAYMENT) -> OpenedPeriod:
    return OpenedPeriod(no, BACK, by, date(2027, 3, 10), ORDER)


def names(events: list[SubscriptionEvent] | list[GatedOrderEvent]) -> list[type]:
    return [type(each) for each in events]


def test_it_asks_for_the_price_of_one_period_and_changes_nothing_yet() -> None:
    subscription = an_ended_subscription()
    version = subscription.version

    order, outcome = reactivate(subscription, ORDER, Gate.PAYMENT, because(BACK))

    assert names(outcome.of_order) == [OrderPlaced]
    assert (order.total_minor, order.currency, order.subscription_version) == (1250, "EUR", version)
    assert order.expires_at == BACK + timedelta(hours=1)
    assert (subscription.version, subscription.status) == (version, Status.SUSPENDED)


@pytest.mark.parametrize("period_first", [True, False])
def test_only_both_words_together_bring_it_back(*, period_first: bool) -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)
    cause = because(BACK)

    if period_first:
        assert note_opened(order, subscription, a_paid_period(), cause) == NOTHING
        outcome = note_cleared(order, subscription, cause)
    else:
        assert note_cleared(order, subscription, cause) == NOTHING
        outcome = note_opened(order, subscription, a_paid_period(), cause)

    assert names(outcome.of_order) == [OrderApplied]
    assert names(outcome.of_subscription) == [SubscriptionResumed, SubscriptionRenewed]
    assert {each.subscription.covered_until for each in outcome.of_subscription} == {
        berlin_midnight(2027, 4, 10)
    }
    assert subscription.status is Status.ACTIVE
    assert (subscription.ends_at, subscription.canceled_at) == (None, None)
    assert subscription.period is not None
    assert (subscription.period.start, subscription.period.end) == (
        BACK,
        berlin_midnight(2027, 4, 10),
    )


def test_what_is_said_again_after_that_changes_nothing() -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)
    note_opened(order, subscription, a_paid_period(), because(BACK))
    note_cleared(order, subscription, because(BACK))
    version = subscription.version

    assert note_opened(order, subscription, a_paid_period(), because(BACK)) == NOTHING
    assert note_cleared(order, subscription, because(BACK)) == NOTHING
    assert refuse(order, Refusal("late", None, "no", "none"), because(BACK)) == []
    assert cancel_order(order, because(BACK)) == []
    assert (subscription.version, order.version) == (version, 2)


def test_a_period_that_is_given_counts_as_opened_and_grants_nothing() -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)

    note_opened(order, subscription, a_paid_period(by=OpenedBy.GRANT), because(BACK))
    note_cleared(order, subscription, because(BACK))

    assert (subscription.periods_opened, subscription.granted) == (2, 0)


def test_numbers_that_billing_took_back_are_used_up_and_give_no_time() -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)

    note_opened(order, subscription, a_paid_period(no=3), because(BACK))
    note_cleared(order, subscription, because(BACK))

    assert subscription.covered == 4
    assert subscription.covered_until == berlin_midnight(2027, 4, 10)


def test_a_refusal_is_kept_with_its_way_out() -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)
    refusal = Refusal("card_declined", None, "the charge failed", "Bring another method.")

    [event] = refuse(order, refusal, because(BACK))

    assert isinstance(event, OrderDeclined)
    assert (order.status, order.refusal) == (OrderStatus.REFUSED, refusal)
    assert subscription.status is Status.SUSPENDED


def test_it_expires_after_an_hour_unless_it_is_answered_in_part() -> None:
    subscription = an_ended_subscription()
    answered, silent = an_order(subscription), an_order(subscription)
    note_cleared(answered, subscription, because(BACK))
    later = BACK + timedelta(hours=1)

    assert expire(silent, because(later - timedelta(microseconds=1))) == []
    assert names(expire(silent, because(later))) == [OrderCanceled]
    assert expire(answered, because(later)) == []


def test_billing_has_less_than_an_hour_where_the_retention_ends_sooner() -> None:
    subscription = an_ended_subscription()
    until = berlin_midnight(2027, 3, 30)

    order = an_order(subscription, until - timedelta(minutes=5))

    assert order.expires_at == until


def test_an_answer_that_comes_when_it_is_terminated_drops_the_order() -> None:
    subscription = an_ended_subscription()
    order = an_order(subscription)
    note_opened(order, subscription, a_paid_period(), because(BACK))
    at = berlin_midnight(2027, 3, 30)
    terminate_retained(subscription, because(at))

    outcome = note_cleared(order, subscription, because(at))

    assert names(outcome.of_order) == [OrderCanceled]
    assert outcome.of_subscription == []
    assert subscription.status is Status.TERMINATED


def test_a_trial_that_is_cut_short_goes_on_without_a_charge() -> None:
    subscription = an_active_subscription(TRIAL)
    at = berlin_midnight(2027, 2, 3)
    cancel(subscription, When.NOW, because(at))
    assert subscription.is_held(HoldKind.ENDED)

    order, outcome = reactivate(subscription, ORDER, Gate.PAYMENT, because(at))

    assert names(outcome.of_order) == [OrderApplied]
    assert names(outcome.of_subscription) == [SubscriptionResumed]
    assert (order.total_minor, order.version) == (0, 1)
    assert subscription.status is Status.TRIALING
    assert subscription.covered_until == berlin_midnight(2027, 2, 14)


@pytest.mark.parametrize("kind", [HoldKind.ABUSE, HoldKind.FRAUD_REVIEW, HoldKind.REQUESTED])
def test_another_hold_is_to_be_lifted_first(kind: HoldKind) -> None:
    subscription = an_ended_subscription()
    place_hold(subscription, kind, because(BACK))

    with pytest.raises(Conflict) as refused:
        reactivate(subscription, ORDER, Gate.PAYMENT, because(BACK))

    assert refused.value.code == "subscription_held"
    assert refused.value.way_out
