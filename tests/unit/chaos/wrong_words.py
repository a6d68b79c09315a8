"""What breaks the promises about lives, messages, mails and time, one thing each."""

from dataclasses import replace

from tests.unit.chaos.altered import altered, without
from tests.unit.chaos.sound import END, LATER, LATEST, MIDDLE, START, Sound

NAME = "subscription_1"


def a_checkout_without_end(sound: Sound) -> None:
    without(sound, "checkout.rejected")


def both_ends(sound: Sound) -> None:
    checkout = {"reference": "shop-good", "customer_id": None}
    sound.say("checkout.rejected", "chk_1", "chk_1", 2, checkout=checkout)


def bought_by_nobody(sound: Sound) -> None:
    sound.journal = [each for each in sound.journal if each.get("checkout_id") != "shop-good"]


def rejected_and_not_given_back(sound: Sound) -> None:
    sound.gateway[:] = [each for each in sound.gateway if each["kind"] != "refund"]


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
    sound.subscription("extended", 5, "active", 2, granted=2, grant_id="grt_2")


def two_orders_and_one_effect(sound: Sound) -> None:
    sound.command("extend", "extend-2")


def a_hold_that_only_seems_told(sound: Sound) -> None:
    """It is suspended indeed, but for what it owes."""
    sound.command("hold", "hold-1")
    hold = {"kind": "non_payment", "placed_at": MIDDLE}
    sound.subscription("suspended", 5, "suspended", 2, granted=1, holds=[hold])


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
    """The extension comes after it, and cannot be why."""
    altered(sound, "period.opened", lambda body: body["period"].update(no=2), 1)
    altered(sound, "subscription.renewed", lambda body: body["subscription"]["period"].update(no=2))


def a_gap_beside_a_grant(sound: Sound) -> None:
    """One number is used up by the extension, and two are missing."""
    sound.opened(4, LATEST, LATEST)
    sound.subscription("renewed", 5, "active", 3, granted=1, runs=4)


def a_number_twice(sound: Sound) -> None:
    """The first one is charged again under a number of its own, and the last one is left out."""
    altered(sound, "period.opened", lambda body: body["period"].update(no=0), 1)


def sold_though_granted(sound: Sound) -> None:
    """Two are covered and one is granted, and the granted one is paid for."""
    sound.opened(2, END, LATER)


def periods_overlap(sound: Sound) -> None:
    altered(sound, "period.opened", lambda body: body["period"].update(start=START), 1)
