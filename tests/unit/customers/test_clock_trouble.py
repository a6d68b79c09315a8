"""What a clock does with answers that come twice, late or never, and with what is stuck."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.customers.domain.sandbox_clock import EVERYBODY, NOBODY, PATIENCE, ClockStatus
from tests.unit.customers.leading import FOLLOWERS, REAL, TOMORROW, Leading, a_clock
from tests.unit.customers.stories import NOW


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
