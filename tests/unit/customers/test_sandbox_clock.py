"""A clock leads the services through time: where it stops, whose turn is next, what it waits for."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.customers.domain.sandbox_clock import (
    EVERYBODY,
    NOBODY,
    BeyondClock,
    ClockAdvancing,
    ClockNeverGoesBack,
    ClockStatus,
    ClockStepped,
    SandboxClock,
)
from tests.unit.customers.leading import (
    DAY,
    FOLLOWERS,
    KEY,
    REAL,
    TOMORROW,
    Leading,
    a_clock,
)
from tests.unit.customers.stories import NOW


def test_a_new_clock_rests_and_says_where_it_stands() -> None:
    clock, events = SandboxClock.frozen(KEY, NOW, REAL)

    assert events == [ClockStepped(clock)]
    assert (clock.now, clock.status, clock.turn) == (NOW, ClockStatus.READY, EVERYBODY)


def test_an_advance_begins_by_asking_all_at_the_present_instant() -> None:
    story = Leading()

    story.advance(TOMORROW)

    assert story.turns == [(NOBODY, NOW)]
    assert (story.clock.status, story.clock.target) == (ClockStatus.ADVANCING, TOMORROW)


def test_without_timers_it_stops_only_at_its_target() -> None:
    story = Leading()
    story.advance(TOMORROW)

    story.all_say()
    story.all_say()

    assert story.turns == [(NOBODY, NOW), (NOBODY, TOMORROW), (EVERYBODY, TOMORROW)]
    assert (story.clock.status, story.clock.now) == (ClockStatus.READY, TOMORROW)


def test_to_advance_to_the_present_means_to_finish_what_is_under_way() -> None:
    story = Leading()
    story.advance(NOW)

    story.says("customers")
    story.says("billing", sent={"payment.succeeded": 1})
    story.says("notifier")
    assert story.clock.status is ClockStatus.ADVANCING

    story.says("notifier", handled={"payment.succeeded": 1})
    assert (story.clock.status, story.clock.now) == (ClockStatus.READY, NOW)


def test_it_stops_where_the_earliest_timer_is_due_and_gives_its_service_the_turn() -> None:
    story = Leading()
    story.advance(NOW + 5 * DAY)

    story.all_say(billing=NOW + 2 * DAY, notifier=NOW + DAY)

    assert story.turns[-1] == ("notifier", TOMORROW)


def test_services_with_timers_of_one_instant_have_their_turns_in_order() -> None:
    story = Leading()
    story.advance(TOMORROW)

    story.all_say(customers=TOMORROW, billing=TOMORROW, notifier=TOMORROW)
    story.says("customers")
    story.says("billing")
    story.says("notifier")
    story.all_say()

    assert [turn for turn, _ in story.turns] == [
        NOBODY,
        *FOLLOWERS,
        NOBODY,
        EVERYBODY,
    ]
    assert {now for _, now in story.turns[1:]} == {TOMORROW}


def test_a_timer_that_became_due_behind_its_turn_gets_another_stop_at_the_same_instant() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.all_say(notifier=TOMORROW)

    story.says("customers", due=TOMORROW)
    story.says("notifier")

    assert story.turns[-2:] == [("notifier", TOMORROW), ("customers", TOMORROW)]
    assert story.clock.step == 3


def test_what_was_due_before_the_present_is_made_up_for_at_the_present() -> None:
    story = Leading()
    story.advance(TOMORROW)

    story.all_say(billing=NOW - DAY)

    assert story.turns[-1] == ("billing", NOW)


def test_a_timer_beyond_the_target_waits() -> None:
    story = Leading()
    story.advance(TOMORROW)

    story.all_say(billing=TOMORROW + timedelta(seconds=1))

    assert story.turns[-1] == (NOBODY, TOMORROW)


def test_a_turn_ends_only_when_its_service_has_fired_all_that_is_due() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.all_say(billing=TOMORROW)

    story.says("billing", due=TOMORROW)

    assert story.turns[-1] == ("billing", TOMORROW)


def test_a_turn_lasts_while_a_message_is_on_its_way() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.all_say(billing=TOMORROW)

    story.says("billing", sent={"payment.succeeded": 1})
    assert story.turns[-1][0] == "billing"

    story.says("notifier", handled={"payment.succeeded": 1})
    assert story.turns[-1][0] == NOBODY


def test_a_turn_lasts_while_anybody_waits_for_an_answer_from_outside() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.all_say(billing=TOMORROW)

    story.says("notifier", open_effects=("mail msg_1",))
    story.says("billing")
    assert story.turns[-1][0] == "billing"

    story.says("notifier")
    assert story.turns[-1][0] == NOBODY


def test_a_topic_that_a_service_does_not_read_keeps_nobody_waiting() -> None:
    story = Leading()
    story.advance(NOW)

    story.says("customers", sent={"customer.created": 7})
    story.says("billing")
    story.says("notifier")

    assert story.clock.status is ClockStatus.READY


def test_a_clock_never_goes_back() -> None:
    clock = a_clock()

    with pytest.raises(ClockNeverGoesBack) as refused:
        clock.advance(NOW - timedelta(seconds=1), REAL)

    assert refused.value.field == "to"
    assert clock == a_clock()


def test_a_clock_goes_one_way_at_a_time() -> None:
    story = Leading()
    story.advance(TOMORROW)

    with pytest.raises(ClockAdvancing):
        story.advance(TOMORROW + DAY)


@pytest.mark.parametrize(
    "to",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(1999, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_clock_stays_where_dates_can_be_counted(to: datetime) -> None:
    with pytest.raises(BeyondClock):
        a_clock().advance(to, REAL)


def test_a_time_of_another_offset_is_kept_in_utc() -> None:
    clock = a_clock()

    clock.advance(TOMORROW.astimezone(timezone(timedelta(hours=5))), REAL)

    assert clock.target.tzinfo is UTC
