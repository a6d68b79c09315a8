"""What breaks the promises about money, one thing each."""

from tests.unit.chaos.altered import altered
from tests.unit.chaos.sound import END, MIDDLE, Sound

NAME = "subscription_1"


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
