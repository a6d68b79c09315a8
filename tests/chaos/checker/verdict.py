"""All promises in the order of their numbers, asked of one history."""

from tests.chaos.checker import clock, letters, life, mail, messages, money
from tests.chaos.checker.history import History
from tests.chaos.checker.violation import Check, Violation

CHECKS: tuple[Check, ...] = (
    money.charged_once,
    money.one_key_an_attempt,
    money.no_phantom_money,
    money.attempts_are_payments,
    money.ledger_adds_up,
    money.ledger_only_grows,
    money.ledger_is_the_gateway,
    money.whole_minor_units,
    life.suspended_pays_nothing,
    life.nothing_after_the_end,
    life.checkouts_end_once,
    life.legal_steps,
    life.answered,
    messages.versions_agree,
    messages.states_agree,
    messages.nothing_is_lost,
    messages.in_order,
    messages.one_answer_a_cause,
    messages.nothing_is_granted_twice,
    messages.accounts_are_opened_once,
    messages.heard_once,
    letters.nothing_vanishes,
    letters.every_checkout_is_taken_in,
    letters.copies_are_true,
    letters.standing_is_obeyed,
    letters.the_panel_obeys,
    mail.sent_is_there,
    mail.twice_only_where_cut,
    mail.nobody_is_forgotten,
    mail.ends_are_confirmed,
    mail.replays_are_silent,
    mail.right_recipient,
    clock.timers_fire_once,
    clock.periods_follow_on_each_other,
    clock.granted_time_is_not_sold,
    clock.every_period_is_billed_once,
)


def judge(history: History) -> list[Violation]:
    return [violation for check in CHECKS for violation in check(history)]
