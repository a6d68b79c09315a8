from datetime import timedelta

from services.subscriptions.domain.account import SPARE, AccountStatus, wanted_account
from services.subscriptions.domain.deadline import Deadline, DeadlineKind, deadlines
from services.subscriptions.domain.ending import When, cancel, terminate_retained, uncancel
from services.subscriptions.domain.extension import Grant, extend
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod, open_period
from services.subscriptions.domain.suspension import place_hold
from tests.unit.subscriptions.stories import (
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
DAY = timedelta(days=1)


def test_an_order_must_be_paid_and_then_provisioned_in_time() -> None:
    subscription = a_created_subscription()
    assert deadlines(subscription) == [
        Deadline(DeadlineKind.ACTIVATION_EXPIRES, "", JANUARY_31 + timedelta(hours=23))
    ]

    paid_at = JANUARY_31 + timedelta(hours=5)
    first = OpenedPeriod(0, paid_at, OpenedBy.PAYMENT)
    open_period(subscription, first, a_standing(1), because(paid_at))

    assert deadlines(subscription) == [
        Deadline(DeadlineKind.PROVISIONING_EXPIRES, "", paid_at + timedelta(hours=24))
    ]


def test_while_all_is_well_nothing_is_due() -> None:
    assert deadlines(an_active_subscription()) == []


def test_an_ordered_end_is_due_until_it_is_taken_back() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.PERIOD_END, because())
    assert [(each.kind, each.at) for each in deadlines(subscription)] == [
        (DeadlineKind.TERM_ENDS, FEBRUARY_28)
    ]

    uncancel(subscription, because())

    assert deadlines(subscription) == []


def test_a_suspension_for_good_reason_has_its_hold_and_its_retention_due() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.REQUESTED, because(), JANUARY_31 + DAY)
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))

    assert [(each.kind, each.at) for each in deadlines(subscription)] == [
        (DeadlineKind.HOLD_EXPIRES, JANUARY_31 + DAY),
        (DeadlineKind.RETENTION_ENDS, berlin_midnight(2027, 4, 6)),
    ]


def test_a_second_suspension_has_a_deadline_of_its_own() -> None:
    """A timer of one name fires once for ever, so the two must not share it."""
    subscription = an_active_subscription()
    obey(subscription, a_standing(2, EXHAUSTED), because(berlin_midnight(2027, 3, 7)))
    [first] = deadlines(subscription)
    obey(subscription, a_standing(3), because(berlin_midnight(2027, 3, 9)))
    obey(subscription, a_standing(4, EXHAUSTED), because(berlin_midnight(2027, 4, 8)))

    [second] = deadlines(subscription)

    assert first.key != second.key


def test_what_is_over_has_nothing_due() -> None:
    subscription = an_active_subscription()
    cancel(subscription, When.NOW, because())
    terminate_retained(subscription, because(JANUARY_31 + 40 * DAY))

    assert deadlines(subscription) == []


def test_no_account_is_wanted_before_the_first_period_is_opened() -> None:
    assert wanted_account(a_created_subscription()) is None


def test_the_account_is_wanted_nine_days_longer_than_what_is_covered() -> None:
    subscription = an_active_subscription()
    first = wanted_account(subscription)
    opened(subscription, 1, 2, FEBRUARY_28)
    renewed = wanted_account(subscription)
    extend(subscription, Grant("grt_1", 1, None, 0), because(FEBRUARY_28))
    extended = wanted_account(subscription)

    assert [each and each.expires_at - SPARE for each in (first, renewed, extended)] == [
        FEBRUARY_28,
        berlin_midnight(2027, 3, 31),
        berlin_midnight(2027, 4, 30),
    ]


def test_the_account_before_and_after_an_activation_on_the_same_day_is_wanted_alike() -> None:
    waiting = a_created_subscription(TRIAL)
    first = OpenedPeriod(0, JANUARY_31, OpenedBy.TRIAL)
    open_period(waiting, first, a_standing(1), because())

    assert wanted_account(waiting) == wanted_account(an_active_subscription(TRIAL))


def test_the_account_follows_holds_and_the_end() -> None:
    subscription = an_active_subscription()
    place_hold(subscription, HoldKind.ABUSE, because())
    held = wanted_account(subscription)
    cancel(subscription, When.NOW, because())
    terminate_retained(subscription, because(JANUARY_31 + 40 * DAY))
    over = wanted_account(subscription)

    assert held is not None
    assert over is not None
    assert (held.status, over.status) == (AccountStatus.DISABLED, AccountStatus.DELETED)
