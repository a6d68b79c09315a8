"""A right history passes; each promise, once broken in it, is named."""

from collections.abc import Callable

import pytest

from tests.chaos.checker.verdict import judge
from tests.unit.chaos import right_words
from tests.unit.chaos import wrong_money as money
from tests.unit.chaos import wrong_words as words
from tests.unit.chaos.documents import NOW
from tests.unit.chaos.sound import Sound

Alteration = Callable[[Sound], None]
BROKEN: dict[str, tuple[Alteration, ...]] = {
    "I1": (money.charged_twice, words.given_back_though_sold),
    "I2": (money.another_key, money.an_attempt_after_success),
    "I3": (money.money_nobody_told_of, money.another_amount),
    "I4": (money.a_lame_booking, money.a_booking_removed),
    "I5": (money.a_fraction, money.a_wrong_sum),
    "I6": (money.paid_on_hold,),
    "I7": (money.invoiced_after_the_end,),
    "I8": (
        words.a_checkout_without_end,
        words.both_ends,
        words.bought_by_nobody,
        words.rejected_and_not_given_back,
        words.given_back_though_sold,
    ),
    "I9": (words.an_illegal_step, words.a_missing_version),
    "I10": (
        words.an_order_without_effect,
        words.extended_twice,
        words.two_orders_and_one_effect,
        words.a_hold_that_only_seems_told,
    ),
    "I11": (words.state_without_event, words.another_state_stored),
    "I12": (words.never_published, words.repeated_with_other_bytes, words.from_nowhere),
    "I13": (words.out_of_order, words.in_two_partitions),
    "I14": (words.opened_twice, words.unanswered, words.an_empty_inbox, words.two_accounts),
    "I15": (words.a_letter_lost, words.a_letter_altered, words.a_checkout_overlooked),
    "I16": (words.a_stale_copy, words.a_stale_contract, words.the_panel_disobeys),
    "I17": (
        words.a_mail_missing,
        words.a_mail_twice,
        words.a_mail_under_two_names,
        words.nobody_told,
    ),
    "I18": (words.a_mail_of_a_replay, words.money_of_a_replay),
    "I19": (words.to_somebody_else, words.anothers_name),
    "I20": (words.a_timer_left, words.issued_early),
    "I21": (
        words.a_gap_of_periods,
        words.a_gap_beside_a_grant,
        words.a_number_twice,
        words.periods_overlap,
        words.sold_though_granted,
    ),
}


def test_a_history_in_which_everything_is_right_has_no_violation() -> None:
    assert judge(Sound().history()) == []


@pytest.mark.parametrize(
    "addition",
    [
        right_words.an_order_heard_twice,
        right_words.a_number_used_up_by_an_extension,
        right_words.a_granted_period_that_was_owed,
        right_words.sold_before_the_grant_was_heard,
        right_words.held_while_it_owes,
        right_words.held_twice,
        right_words.extended_unheard,
    ],
    ids=lambda each: each.__name__,
)
def test_what_only_looks_wrong_is_right(addition: Alteration) -> None:
    sound = Sound()

    addition(sound)

    assert judge(sound.history()) == []


@pytest.mark.parametrize(
    ("invariant", "alteration"),
    [(name, each) for name, found in BROKEN.items() for each in found],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_what_is_broken_is_named(invariant: str, alteration: Alteration) -> None:
    sound = Sound()

    alteration(sound)

    assert invariant in {each.invariant for each in judge(sound.history())}


@pytest.mark.parametrize("kind", ["fault", "restart"])
def test_a_mail_may_come_twice_where_a_cut_lay_between(kind: str) -> None:
    sound = Sound()
    words.a_mail_twice(sound)
    sound.journal.append({"kind": kind, "since": NOW, "until": NOW, "cuts_mail": True})

    assert judge(sound.history()) == []
