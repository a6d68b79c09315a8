"""Messages of different topics have no order: either way the subscription ends up the same."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from services.subscriptions.domain.ending import When, cancel, end_term
from services.subscriptions.domain.events import (
    SubscriptionEvent,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from services.subscriptions.domain.extension import Grant, extend
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.renewal import OpenedBy
from services.subscriptions.domain.subscription import Status, Subscription
from services.subscriptions.domain.suspension import lift_hold, place_hold
from tests.unit.subscriptions.stories import (
    EXHAUSTED,
    GRACE,
    RETRYING,
    a_standing,
    an_active_subscription,
    because,
    berlin_midnight,
    opened,
)

DUE = berlin_midnight(2027, 2, 28)
EXHAUSTED_AT = berlin_midnight(2027, 3, 7)
PAID_AT = EXHAUSTED_AT + timedelta(days=13, hours=9)
Step = Callable[[Subscription], list[SubscriptionEvent]]


def payment_failed(version: int) -> Step:
    return lambda it: obey(it, a_standing(version, RETRYING), because(DUE, "payment.failed"))


def grace_began(version: int) -> Step:
    return lambda it: obey(it, a_standing(version, GRACE), because(DUE, "payment.failed"))


def dunning_exhausted(version: int) -> Step:
    return lambda it: obey(
        it, a_standing(version, EXHAUSTED), because(EXHAUSTED_AT, "dunning.exhausted")
    )


def payment_succeeded(version: int) -> Step:
    return lambda it: obey(it, a_standing(version), because(PAID_AT, "payment.succeeded"))


def invoice_voided(version: int) -> Step:
    return lambda it: obey(it, a_standing(version), because(PAID_AT, "invoice.voided"))


def period_opened(no: int, version: int, anchor_on: date | None = None) -> Step:
    return lambda it: opened(it, no, version, PAID_AT, anchor_on=anchor_on)


def extended(it: Subscription) -> list[SubscriptionEvent]:
    return extend(it, Grant("grt_1", 1, None, 0), because(PAID_AT))


def held(kind: HoldKind) -> Step:
    return lambda it: place_hold(it, kind, because(EXHAUSTED_AT))


def lifted(kind: HoldKind) -> Step:
    return lambda it: lift_hold(it, kind, because(PAID_AT))


RACES: dict[str, list[Step]] = {
    "a failed charge and its late success": [payment_failed(2), payment_succeeded(3)],
    "a failed charge and the opened period": [payment_failed(2), period_opened(1, 4)],
    "a payment and the period that it opens": [payment_succeeded(2), period_opened(1, 3)],
    "dunning through to the end": [payment_failed(2), grace_began(3), dunning_exhausted(4)],
    "an exhausted dunning and the payment that overtook it": [
        dunning_exhausted(2),
        payment_succeeded(3),
        period_opened(1, 4),
    ],
    "a return from non-payment on another day": [
        dunning_exhausted(2),
        payment_succeeded(3),
        period_opened(1, 4, date(2027, 3, 20)),
    ],
    "an extension and a renewal": [extended, period_opened(1, 2)],
    "an extension, a renewal and a failed charge": [
        extended,
        payment_failed(2),
        period_opened(1, 3),
    ],
    "an extension, an exhausted dunning and the payment after it": [
        extended,
        dunning_exhausted(2),
        period_opened(1, 4, date(2027, 3, 20)),
    ],
    "an exhausted dunning and the void of its invoice": [dunning_exhausted(2), invoice_voided(3)],
    "an exhausted dunning and two other holds": [
        dunning_exhausted(2),
        held(HoldKind.ABUSE),
        held(HoldKind.REQUESTED),
    ],
}


@pytest.mark.parametrize("steps", RACES.values(), ids=RACES.keys())
def test_whatever_arrives_first_the_end_is_the_same(steps: list[Step]) -> None:
    ends = []
    for order in permutations(steps):
        subscription = an_active_subscription()
        for step in order:
            step(subscription)
        ends.append(without_its_path(subscription))

    assert all(end == ends[0] for end in ends)


def without_its_path(subscription: Subscription) -> Subscription:
    """How often it spoke on the way may differ: who hears of no failure tells of none."""
    holds = tuple(sorted(subscription.holds, key=lambda each: each.kind))
    return replace(subscription, version=0, obeyed=a_standing(0), holds=holds)


@pytest.mark.parametrize("placing", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("lifting", list(permutations(range(3))), ids=str)
def test_of_several_holds_the_first_cuts_access_and_the_last_gives_it_back(
    placing: tuple[int, ...], lifting: tuple[int, ...]
) -> None:
    """However placed and lifted; a payment lifts its own and no other."""
    places = [dunning_exhausted(2), held(HoldKind.ABUSE), held(HoldKind.FRAUD_REVIEW)]
    lifts = [period_opened(1, 3), lifted(HoldKind.ABUSE), lifted(HoldKind.FRAUD_REVIEW)]
    subscription = an_active_subscription()

    said = [event for n in placing for event in places[n](subscription)]
    said += [event for n in lifting for event in lifts[n](subscription)]

    told = Counter(type(event) for event in said)
    assert (told[SubscriptionSuspended], told[SubscriptionResumed]) == (1, 1)
    assert (subscription.status, subscription.periods_opened) == (Status.ACTIVE, 2)


@pytest.mark.parametrize("paid_first", [True, False])
def test_a_payment_and_a_cancellation_while_past_due_run_its_period_or_end_now(
    *, paid_first: bool
) -> None:
    """Who is heard first decides; the money of what does not run goes back (billing)."""
    subscription = an_active_subscription()
    payment_failed(2)(subscription)
    cancels: Step = lambda it: cancel(it, When.PERIOD_END, because(PAID_AT))  # noqa: E731
    first, second = (period_opened(1, 4), cancels) if paid_first else (cancels, period_opened(1, 4))

    first(subscription)
    second(subscription)

    runs = subscription.periods_opened == 2
    assert runs is paid_first
    ends_at = subscription.boundary(2) if runs else PAID_AT
    assert (subscription.ends_at, bool(subscription.holds)) == (ends_at, not runs)


@pytest.mark.parametrize("steps", RACES.values(), ids=RACES.keys())
def test_every_step_is_one_version_and_a_repeat_says_nothing(steps: list[Step]) -> None:
    subscription = an_active_subscription()
    said = [event for step in steps for event in step(subscription)]
    repeated = [event for step in steps for event in step(subscription)]

    assert [each.subscription.version for each in said] == list(range(3, 3 + len(said)))
    assert repeated == []


def test_a_return_from_non_payment_tells_the_same_whichever_topic_is_first() -> None:
    payment_first, period_first = an_active_subscription(), an_active_subscription()
    paid, opens = payment_succeeded(3), period_opened(1, 4, date(2027, 3, 20))
    for each in (payment_first, period_first):
        dunning_exhausted(2)(each)

    one = [*paid(payment_first), *opens(payment_first)]
    other = [*opens(period_first), *paid(period_first)]

    assert [type(each) for each in one] == [type(each) for each in other]
    assert payment_first.status is period_first.status is Status.ACTIVE


def test_a_payment_overtaken_by_an_exhausted_dunning_does_no_harm() -> None:
    subscription = an_active_subscription()

    payment_succeeded(8)(subscription)
    dunning_exhausted(7)(subscription)

    assert subscription.status is Status.ACTIVE


def test_a_charge_that_crosses_the_end_leaves_it_ended_in_either_order() -> None:
    renewed_first, ended_first = an_active_subscription(), an_active_subscription()
    for each in (renewed_first, ended_first):
        cancel(each, When.PERIOD_END, because(DUE - timedelta(days=1)))

    opened(renewed_first, 1, 2, DUE)
    end_term(renewed_first, because(DUE))
    end_term(ended_first, because(DUE))
    opened(ended_first, 1, 2, DUE)

    assert renewed_first.status is ended_first.status is Status.SUSPENDED
    assert renewed_first.ends_at == ended_first.ends_at == DUE


def test_money_at_the_gateway_and_an_extension_that_crossed_it_both_count() -> None:
    subscription = an_active_subscription()

    extended(subscription)
    opened(subscription, 1, 2, DUE, by=OpenedBy.PAYMENT)

    assert (subscription.periods_opened, subscription.granted) == (2, 1)
    assert subscription.covered_until == berlin_midnight(2027, 4, 30)
