"""A right history passes; each promise, once broken in it, is named."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.checker.verdict import judge
from tests.unit.chaos.sound import END, MIDDLE, NOW, START, Sound

Alteration = Callable[[Sound], None]
NAME = "subscription_1"


def test_a_history_in_which_everything_is_right_has_no_violation() -> None:
    assert judge(Sound().history()) == []


def charged_twice(sound: Sound) -> None:
    """Two invoices of one period are paid."""
    standing = {"subscription_id": NAME, "version": 9, "status": "current"}
    line = {"identity": "i", "quantity": 1, "unit_price_minor": 100, "amount_minor": 100}
    lines = [{**line, "period_start": MIDDLE, "period_end": END}]
    invoice = {"id": "inv_9", "status": "paid", "total_minor": 100, "lines": lines}
    told = {**invoice, "issued_at": MIDDLE, "period_no": 1}
    sound.say("invoice.paid", NAME, NAME, 9, standing=standing, invoice=told, settled_by="gateway")
    payment = {"key": "inv_9/1", "invoice_id": "inv_9", "reference": "ch_9"}
    sound.say(
        "payment.succeeded",
        NAME,
        NAME,
        10,
        standing=standing,
        payment={**payment, "amount_minor": 100, "currency": "EUR"},
    )
    sound.charge("ch_9", "inv_9/1")


def another_key(sound: Sound) -> None:
    sound.charge("ch_9", "inv_1/1-again")


def an_attempt_after_success(sound: Sound) -> None:
    second = {"key": "inv_1/2", "n": 2, "invoice_id": "inv_1", "state": "failed"}
    sound.row("billing.payment_attempts", **second, reference=None)


def money_nobody_told_of(sound: Sound) -> None:
    sound.records = [
        each
        for each in sound.records
        if not (each.topic == "payment.succeeded" and "ch_renewal" in (each.value or ""))
    ]


def another_amount(sound: Sound) -> None:
    sound.gateway[2]["charge"]["amount"] = 99


def a_lame_booking(sound: Sound) -> None:
    sound.tables["billing.ledger_entries"][0]["amount_minor"] += 1


def a_booking_removed(sound: Sound) -> None:
    sound.tables["billing.ledger_entries"] = sound.tables["billing.ledger_entries"][2:]


def a_fraction(sound: Sound) -> None:
    altered(sound, "invoice.issued", lambda body: body["invoice"].update(total_minor=100.5))


def a_wrong_sum(sound: Sound) -> None:
    altered(sound, "invoice.paid", lambda body: body["invoice"]["lines"][0].update(quantity=2))


def paid_on_hold(sound: Sound) -> None:
    hold = {"kind": "requested", "placed_at": "2027-01-15T00:00:00Z"}
    sound.subscription("suspended", 5, "suspended", 2, holds=[hold])


def invoiced_after_the_end(sound: Sound) -> None:
    sound.subscription("canceled", 5, "active", 2, ends_at=MIDDLE)


def a_checkout_without_end(sound: Sound) -> None:
    without(sound, "checkout.rejected")


def both_ends(sound: Sound) -> None:
    checkout = {"reference": "shop-good", "customer_id": None}
    sound.say("checkout.rejected", "chk_1", "chk_1", 2, checkout=checkout)


def bought_by_nobody(sound: Sound) -> None:
    sound.journal = [each for each in sound.journal if each.get("checkout_id") != "shop-good"]


def rejected_and_not_given_back(sound: Sound) -> None:
    sound.gateway.pop()


def given_back_though_sold(sound: Sound) -> None:
    sound.give_back("ch_good")


def an_illegal_step(sound: Sound) -> None:
    altered(
        sound, "subscription.renewed", lambda body: body["subscription"].update(status="created")
    )


def a_missing_version(sound: Sound) -> None:
    without(sound, "subscription.renewed")


def an_order_without_effect(sound: Sound) -> None:
    without(sound, "subscription.extended")


def extended_twice(sound: Sound) -> None:
    sound.subscription("extended", 5, "active", 2, grant_id="grt_2")


def state_without_event(sound: Sound) -> None:
    sound.tables["subscriptions.subscriptions"][0]["version"] = 5


def another_state_stored(sound: Sound) -> None:
    sound.tables["subscriptions.subscriptions"][0]["status"] = "suspended"


def never_published(sound: Sound) -> None:
    without(sound, "period.opened", 1)


def repeated_with_other_bytes(sound: Sound) -> None:
    record = next(each for each in sound.records if each.topic == "invoice.paid")
    sound.records.append(replace(record, offset=99, value=(record.value or "") + " "))


def from_nowhere(sound: Sound) -> None:
    sound.tables["billing.outbox"].pop()


def out_of_order(sound: Sound) -> None:
    first = next(each for each in sound.records if each.topic == "period.opened")
    sound.records.remove(first)
    sound.records.append(first)


def in_two_partitions(sound: Sound) -> None:
    record = [each for each in sound.records if each.topic == "period.opened"][-1]
    sound.records[sound.records.index(record)] = replace(record, partition=3)


def opened_twice(sound: Sound) -> None:
    period = {"no": 1, "start": MIDDLE, "end": END}
    standing = {"subscription_id": NAME, "version": 9, "status": "current"}
    said = {"standing": standing, "period": period, "by": "payment", "invoice_id": "inv_1"}
    sound.say("period.opened", NAME, NAME, 9, **said)


def unanswered(sound: Sound) -> None:
    sound.say("checkout.accepted", "chk_3", "chk_3", 1)


def an_empty_inbox(sound: Sound) -> None:
    sound.tables["billing.inbox"].clear()


def two_accounts(sound: Sound) -> None:
    again = {**sound.panel[0], "account": {"status": "enabled", "password": "two"}}
    sound.panel.append(again)


def a_letter_lost(sound: Sound) -> None:
    sound.tables["customers.parked"].clear()


def a_letter_altered(sound: Sound) -> None:
    sound.tables["customers.parked"][0]["value"] = "\\x00"


def a_checkout_overlooked(sound: Sound) -> None:
    sound.tables["customers.checkouts"].pop()


def a_stale_copy(sound: Sound) -> None:
    sound.tables["notifier.subscriptions"][0]["version"] = 3


def a_stale_contract(sound: Sound) -> None:
    sound.tables["billing.contracts"][0]["terms"]["periods_opened"] = 1


def the_panel_disobeys(sound: Sound) -> None:
    sound.panel[0]["account"]["status"] = "disabled"


def a_mail_missing(sound: Sound) -> None:
    sound.mails.pop(0)


def a_mail_twice(sound: Sound) -> None:
    sound.mails.append({**sound.mails[0], "n": 9})


def a_mail_under_two_names(sound: Sound) -> None:
    sound.mails.append({**sound.mails[0], "n": 9, "message_id": "<other@example.com>"})


def nobody_told(sound: Sound) -> None:
    sound.subscription("suspended", 5, "suspended", 2)


def a_mail_of_a_replay(sound: Sound) -> None:
    sound.mails[0]["received_at"] = "2027-03-02T00:00:00Z"


def money_of_a_replay(sound: Sound) -> None:
    sound.gateway.append({"kind": "prevented", "key": "x"})


def to_somebody_else(sound: Sound) -> None:
    sound.mails[0]["envelope_to"] = ["b@example.com"]


def anothers_name(sound: Sound) -> None:
    sound.mails[0]["text"] = "Welcome to Television two"


def a_timer_left(sound: Sound) -> None:
    sound.tables["billing.timers"][0]["fired_at"] = None


def issued_early(sound: Sound) -> None:
    for topic in ("invoice.issued", "invoice.paid"):
        altered(sound, topic, lambda body: body["invoice"].update(issued_at=START), 1)


def a_gap_of_periods(sound: Sound) -> None:
    altered(sound, "period.opened", lambda body: body["period"].update(no=2), 1)


def periods_overlap(sound: Sound) -> None:
    altered(sound, "period.opened", lambda body: body["period"].update(start=START), 1)


def altered(sound: Sound, topic: str, how: Callable[[dict], object], n: int = 0) -> None:  # type: ignore[type-arg]
    """The n-th event of a topic says something else."""
    record = [each for each in sound.records if each.topic == topic][n]
    body = json.loads(record.value or "")
    how(body)
    sound.records[sound.records.index(record)] = replace(record, value=json.dumps(body))


def without(sound: Sound, topic: str, n: int = 0) -> None:
    record = [each for each in sound.records if each.topic == topic][n]
    sound.records.remove(record)


BROKEN: dict[str, tuple[Alteration, ...]] = {
    "I1": (charged_twice, given_back_though_sold),
    "I2": (another_key, an_attempt_after_success),
    "I3": (money_nobody_told_of, another_amount),
    "I4": (a_lame_booking, a_booking_removed),
    "I5": (a_fraction, a_wrong_sum),
    "I6": (paid_on_hold,),
    "I7": (invoiced_after_the_end,),
    "I8": (
        a_checkout_without_end,
        both_ends,
        bought_by_nobody,
        rejected_and_not_given_back,
        given_back_though_sold,
    ),
    "I9": (an_illegal_step, a_missing_version),
    "I10": (an_order_without_effect, extended_twice),
    "I11": (state_without_event, another_state_stored),
    "I12": (never_published, repeated_with_other_bytes, from_nowhere),
    "I13": (out_of_order, in_two_partitions),
    "I14": (opened_twice, unanswered, an_empty_inbox, two_accounts),
    "I15": (a_letter_lost, a_letter_altered, a_checkout_overlooked),
    "I16": (a_stale_copy, a_stale_contract, the_panel_disobeys),
    "I17": (a_mail_missing, a_mail_twice, a_mail_under_two_names, nobody_told),
    "I18": (a_mail_of_a_replay, money_of_a_replay),
    "I19": (to_somebody_else, anothers_name),
    "I20": (a_timer_left, issued_early),
    "I21": (a_gap_of_periods, periods_overlap),
}


@pytest.mark.parametrize(
    ("invariant", "alteration"),
    [(name, each) for name, found in BROKEN.items() for each in found],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_what_is_broken_is_named(invariant: str, alteration: Alteration) -> None:
    sound = Sound()

    alteration(sound)

    assert invariant in {each.invariant for each in judge(sound.history())}


def test_a_mail_may_come_twice_where_a_cut_lay_between() -> None:
    sound = Sound()
    a_mail_twice(sound)
    sound.journal.append({"kind": "fault", "since": NOW, "until": NOW, "cuts_mail": True})

    assert judge(sound.history()) == []
