"""When planned mails go out, and when they are dropped."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.journey import WELCOME_SERIES, Draft, why_not_now
from services.notifier.domain.message import MessageFailed, State
from services.notifier.domain.occasion import What
from services.notifier.domain.schedule import next_morning, not_before_morning
from services.notifier.domain.subscription import Subscription
from services.notifier.domain.template import RULES, Template
from shared.calendar import local_date
from tests.unit.notifier.stories import (
    BERLIN,
    NOON,
    PRO,
    draft_of,
    drafts,
    leaving,
    message,
    occasion,
    subscription,
)

LOS_ANGELES = "America/Los_Angeles"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def win_backs(told: Subscription, newest: Subscription | None = None) -> list[Draft]:
    made = drafts(occasion(What.CANCELED, subscription=told), newest or told)
    return [each for each in made if each.template is Template.WIN_BACK]


def test_welcome_mails_come_at_nine_of_the_customers_day_whatever_the_clocks_did() -> None:
    made = drafts(occasion(What.ACTIVATED, at=utc("2027-03-25T23:30")))

    # 00:30 of the 26th in Berlin; summer time begins on the 28th.
    assert [each.send_at for each in made[1:]] == [
        utc("2027-03-27T08:00"),
        utc("2027-03-29T07:00"),
        utc("2027-04-02T07:00"),
    ]


def test_the_local_day_is_the_subscriptions() -> None:
    told = occasion(What.ACTIVATED, at=utc("2027-03-26T05:00"))

    made = drafts(told, subscription(timezone=LOS_ANGELES))

    assert made[1].send_at == utc("2027-03-26T16:00")


@pytest.mark.parametrize(
    ("told_at", "goes_at"),
    [
        ("2027-03-27T23:00", "2027-03-28T07:00"),
        ("2027-03-28T06:59", "2027-03-28T07:00"),
        ("2027-03-28T13:37", "2027-03-28T13:37"),
    ],
)
def test_a_reminder_waits_for_the_morning_of_its_day(told_at: str, goes_at: str) -> None:
    told = occasion(What.CHARGE_UPCOMING, at=utc(told_at))

    assert draft_of(Template.RENEWAL_REMINDER, told).send_at == utc(goes_at)


def test_nobody_is_reminded_of_a_charge_that_will_not_come() -> None:
    assert drafts(occasion(What.CHARGE_UPCOMING), leaving(utc("2027-03-31T22:00"))) == []


def test_the_win_back_comes_seven_days_before_the_end() -> None:
    [made] = win_backs(leaving(utc("2027-03-31T22:00")))

    # The term ends with the 31st in Berlin, the 1st of April at 00:00.
    assert made.send_at == utc("2027-03-25T08:00")


@pytest.mark.parametrize(
    ("days_left", "goes_at"),
    [
        (10, "2027-03-04T08:00"),
        (9, "2027-03-04T08:00"),
        (8, "2027-03-04T08:00"),
        (5, "2027-03-04T08:00"),
        (1, "2027-03-04T08:00"),
    ],
)
def test_the_win_back_leaves_the_cancellation_mail_two_days(days_left: int, goes_at: str) -> None:
    midnight = utc("2027-03-01T23:00")

    [made] = win_backs(leaving(midnight + timedelta(days=days_left - 1)))

    # Cancelled on the 1st at noon: the 3rd at noon is too late for that day's morning.
    assert made.send_at == utc(goes_at)


def test_no_win_back_for_a_cancellation_that_was_taken_back() -> None:
    assert win_backs(leaving(utc("2027-03-31T22:00")), subscription(version=9)) == []


def test_of_two_cancellations_only_the_last_brings_a_win_back() -> None:
    first = leaving(utc("2027-03-31T22:00"), canceled_at=NOON)
    last = leaving(utc("2027-03-31T22:00"), canceled_at=NOON + timedelta(hours=3), version=7)

    assert win_backs(first, last) == []
    assert len(win_backs(last, last)) == 1


def test_an_extension_moves_the_win_back_with_the_end() -> None:
    before = leaving(utc("2027-03-31T22:00"))
    after = leaving(utc("2027-04-30T22:00"), version=4)
    planned = message(Template.WIN_BACK, What.CANCELED, before, subscription=before)

    dropped = planned.follow(after, NOON)
    again = draft_of(Template.WIN_BACK, occasion(What.EXTENDED, subscription=after), after)

    assert [type(each) for each in dropped] == [MessageFailed]
    assert planned.detail == "end_moved"
    assert again.send_at == utc("2027-04-24T07:00")


def test_a_planned_win_back_is_dropped_when_the_customer_stays() -> None:
    told = leaving(utc("2027-03-31T22:00"))
    planned = message(Template.WIN_BACK, What.CANCELED, told, subscription=told)

    planned.follow(subscription(version=4), NOON)

    assert (planned.state, planned.detail) == (State.SUPPRESSED, "no_longer_leaving")


@pytest.mark.parametrize("template", WELCOME_SERIES)
@pytest.mark.parametrize(
    "gone", [leaving(utc("2027-03-31T22:00")), subscription(status="terminated")]
)
def test_the_welcome_series_ends_when_the_customer_leaves(
    template: Template, gone: Subscription
) -> None:
    planned = message(template, What.ACTIVATED)

    planned.follow(gone, NOON)

    assert (planned.state, planned.detail) == (State.SUPPRESSED, "customer_leaves")


def test_what_still_fits_is_queued_when_its_hour_has_come() -> None:
    planned = message(Template.WELCOME_DAY_3, What.ACTIVATED)

    said = planned.fall_due(PRO, NOON + timedelta(days=3))

    assert (planned.state, said) == (State.QUEUED, [])


def test_a_hold_silences_a_planned_mail_only_if_it_stands_at_that_hour() -> None:
    held = subscription(status="suspended", holds=frozenset({"requested"}))
    planned = message(Template.WELCOME_DAY_3, What.ACTIVATED)

    assert planned.follow(held, NOON) == []
    planned.fall_due(held, NOON + timedelta(days=3))

    assert (planned.state, planned.detail) == (State.SUPPRESSED, "on_hold")


def test_the_end_itself_is_no_hold_that_silences() -> None:
    assert why_not_now(subscription(holds=frozenset({"ended"}))) is None


def test_a_mail_whose_hour_is_past_already_is_queued_at_once() -> None:
    told = occasion(What.ACTIVATED)
    later = NOON + timedelta(days=30)

    late = message(Template.WELCOME_DAY_1, What.ACTIVATED, now=later)

    assert late.state is State.QUEUED
    assert late.since == draft_of(Template.WELCOME_DAY_1, told).send_at


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  the zone is given beside
    zone=st.sampled_from([BERLIN, LOS_ANGELES, "Asia/Kolkata", "Pacific/Apia", "UTC"]),
)
def test_a_morning_is_never_before_and_at_most_a_day_after(at: datetime, zone: str) -> None:
    morning = next_morning(at, zone)

    assert timedelta() <= morning - at <= timedelta(hours=25)
    assert not_before_morning(at, zone) >= at
    assert local_date(not_before_morning(at, zone), zone) == local_date(at, zone)


def test_a_reminder_is_stale_before_its_charge_comes() -> None:
    until_the_charge = timedelta(days=3) - timedelta(hours=9)

    max_age = RULES[Template.RENEWAL_REMINDER].max_age

    assert max_age is not None
    assert max_age < until_the_charge
