"""A clock leads the services through time: what it waits for, whose turn is next, what ends it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.customers.domain.clock_answer import Answer
from services.customers.domain.sandbox_clock import (
    EVERYBODY,
    NOBODY,
    PATIENCE,
    BeyondClock,
    ClockAdvancing,
    ClockNeverGoesBack,
    ClockStatus,
    ClockStepped,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
)
from shared.ids import PartnerId
from tests.unit.customers.stories import NOW

KEY = SandboxClockKey(PartnerId("ptn_test_acme"), SandboxClockId("clk_1"))
FOLLOWERS = ("customers", "billing", "notifier")
DAY = timedelta(days=1)
TOMORROW = NOW + DAY
REAL = datetime(2026, 6, 1, tzinfo=UTC)


def a_clock() -> SandboxClock:
    clock, _ = SandboxClock.frozen(KEY, NOW, REAL)
    return clock


@dataclass
class Leading:
    """A clock that advances, with services that have nothing to say but what the story tells."""

    clock: SandboxClock = field(default_factory=a_clock)
    version: int = 0
    turns: list[tuple[str, datetime]] = field(default_factory=list)

    def advance(self, to: datetime) -> None:
        self._note(self.clock.advance(to, REAL))

    def says(
        self,
        service: str,
        *,
        due: datetime | None = None,
        sent: dict[str, int] | None = None,
        handled: dict[str, int] | None = None,
        open_effects: tuple[str, ...] = (),
        stuck: tuple[str, ...] = (),
    ) -> Answer:
        self.version += 1
        answer = Answer(
            service=service,
            version=self.version,
            place=self.clock.place,
            next_due_at=due,
            sent=sent or {},
            handled=handled or {},
            reads=("payment.succeeded",) if service == "notifier" else (),
            open_effects=len(open_effects),
            open=open_effects,
            stuck=stuck,
        )
        self.hears(answer)
        return answer

    def hears(self, answer: Answer, real: datetime = REAL) -> None:
        self._note(self.clock.hear(answer, FOLLOWERS, real))

    def all_say(self, **due: datetime | None) -> None:
        for service in FOLLOWERS:
            self.says(service, due=due.get(service))

    def _note(self, events: list[ClockStepped]) -> None:
        self.turns += [(each.clock.turn, each.clock.now) for each in events]


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


def test_the_same_answer_twice_and_an_older_one_change_nothing() -> None:
    story = Leading()
    story.advance(NOW)
    first = story.says("billing", sent={"payment.succeeded": 1})
    story.says("billing", sent={"payment.succeeded": 2})

    story.hears(first)

    assert story.clock.answers["billing"].sent == {"payment.succeeded": 2}


def test_answers_to_an_earlier_advance_are_too_late() -> None:
    story = Leading()
    story.advance(NOW)
    late = story.says("billing", stuck=("letter 1",))
    story.advance(NOW)

    story.hears(replace(late, version=99))

    assert story.clock.status is ClockStatus.ADVANCING
    assert "billing" not in story.clock.answers


def test_answers_come_in_any_order_among_the_services() -> None:
    story = Leading()
    story.advance(NOW)

    story.says("notifier", handled={"payment.succeeded": 1})
    story.says("billing", sent={"payment.succeeded": 1})
    story.says("customers")

    assert story.clock.status is ClockStatus.READY


def test_an_answer_of_an_earlier_turn_does_not_end_the_present_one() -> None:
    story = Leading()
    story.advance(TOMORROW)
    before = story.says("billing", due=TOMORROW)
    story.says("customers")
    story.says("notifier")
    assert story.turns[-1] == ("billing", TOMORROW)

    story.hears(replace(before, version=99, next_due_at=None))

    assert story.turns[-1] == ("billing", TOMORROW)


def test_a_service_that_does_not_run_here_is_neither_asked_nor_heard() -> None:
    story = Leading()
    story.advance(NOW)

    story.says("portal", stuck=("letter 7",))
    story.all_say()

    assert story.clock.status is ClockStatus.READY


def test_something_stuck_ends_the_advance_with_its_name() -> None:
    story = Leading()
    story.advance(TOMORROW)

    story.says("billing", stuck=("letter 12 (subscription.created): failed",))

    assert story.clock.status is ClockStatus.FAILED
    assert story.clock.failure is not None
    assert story.clock.failure.service == "billing"
    assert story.clock.failure.items == ("letter 12 (subscription.created): failed",)


def test_after_a_repair_it_goes_on_from_where_it_stood() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.all_say(billing=TOMORROW)
    story.says("billing", stuck=("timer renewal",))

    story.advance(TOMORROW)
    assert story.clock.failure is None
    story.all_say(billing=TOMORROW)
    story.says("billing")
    story.all_say()

    assert story.turns[2:] == [
        (NOBODY, TOMORROW),
        ("billing", TOMORROW),
        (NOBODY, TOMORROW),
        (EVERYBODY, TOMORROW),
    ]


@pytest.mark.parametrize(
    ("answers", "service", "item"),
    [
        ({}, "customers", "no answer"),
        ({"customers": ()}, "billing", "no answer"),
        ({"customers": (), "billing": ("attempt pay_1",), "notifier": ()}, "billing", "pay_1"),
    ],
)
def test_thirty_seconds_of_silence_end_the_advance_with_the_name_of_what_is_missing(
    answers: dict[str, tuple[str, ...]], service: str, item: str
) -> None:
    story = Leading()
    story.advance(TOMORROW)
    for name, effects in answers.items():
        story.says(name, open_effects=effects)

    story.clock.give_up(FOLLOWERS, REAL + PATIENCE - timedelta(seconds=1))
    assert story.clock.failure is None
    story.clock.give_up(FOLLOWERS, REAL + PATIENCE)

    assert story.clock.status is ClockStatus.FAILED
    assert story.clock.failure is not None
    assert story.clock.failure.service == service
    assert item in story.clock.failure.items[0]


def test_a_message_that_never_arrives_is_named_with_its_reader() -> None:
    story = Leading()
    story.advance(TOMORROW)
    story.says("customers")
    story.says("billing", sent={"payment.succeeded": 3})
    story.says("notifier", handled={"payment.succeeded": 2})

    story.clock.give_up(FOLLOWERS, REAL + PATIENCE)

    assert story.clock.failure is not None
    assert story.clock.failure.service == "notifier"
    assert story.clock.failure.items == ["billing sent 3 payment.succeeded, 2 are handled"]


def test_anything_new_gives_it_patience_again() -> None:
    story = Leading()
    story.advance(TOMORROW)
    answer = story.says("billing")

    story.hears(replace(answer, version=99), REAL + PATIENCE)
    story.clock.give_up(FOLLOWERS, REAL + PATIENCE + timedelta(seconds=1))

    assert story.clock.status is ClockStatus.ADVANCING


def test_a_clock_at_rest_gives_up_nothing() -> None:
    clock = a_clock()

    clock.give_up(FOLLOWERS, REAL + PATIENCE)

    assert clock.status is ClockStatus.READY


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
