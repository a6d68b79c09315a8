"""I1 to I5: what the gateway holds is what the invoices say, once, in whole minor units."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.chaos.checker.bills import Bill, bills
from tests.chaos.checker.history import History
from tests.chaos.checker.purse import Purse
from tests.chaos.checker.violation import Violation


def charged_once(history: History) -> Iterator[Violation]:
    """I1: of a period the gateway holds nothing, or the invoice's total, once."""
    purse, of_period = Purse.of(history), defaultdict[tuple[str, int], list[Bill]](list)
    for bill in bills(history).values():
        of_period[bill.subscription, bill.period_no].append(bill)
        held = sum(purse.net(each) for each in bill.paid_by)
        if held not in {0, bill.total}:
            yield Violation("I1", bill.id, f"the gateway holds {held} of {bill.total}")
        must_hold = bill.invoice["status"] == "paid" and bill.settled_by == "gateway" and bill.holds
        if must_hold and held != bill.total:
            yield Violation("I1", bill.id, f"paid, and the gateway holds {held} of {bill.total}")
        if bill.invoice["status"] == "void" and held:
            yield Violation("I1", bill.id, f"void, and the gateway holds {held}")
    for (subscription, no), found in of_period.items():
        holding = [b.id for b in found if any(purse.net(each) > 0 for each in b.paid_by)]
        if len(holding) > 1:
            says = f"period {no} is paid by {len(holding)} invoices: {', '.join(holding)}"
            yield Violation("I1", subscription, says)


def one_key_an_attempt(history: History) -> Iterator[Violation]:
    """I2: a further key for an invoice only where the one before is known to have failed."""
    charged = {c["key"]: c for c in Purse.of(history).charges.values() if c["key"] is not None}
    known = {each["key"] for each in history.table("billing.payment_attempts")}
    for key in charged.keys() - known:
        yield Violation("I2", key, "the gateway was asked under a key that no attempt has")
    of_invoice: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in history.table("billing.payment_attempts"):
        of_invoice[row["invoice_id"]].append(dict(row))
    for invoice, rows in of_invoice.items():
        rows.sort(key=lambda row: row["n"])
        for row in rows[:-1]:
            charge = charged.get(row["key"])
            if charge is not None and charge["status"] == "succeeded":
                says = f"{row['key']} had succeeded, and another attempt followed"
                yield Violation("I2", invoice, says)


def no_phantom_money(history: History) -> Iterator[Violation]:
    """I3: each charge that succeeded has one payment that says so, and the other way round."""
    purse, told = Purse.of(history), _told_references(history)
    for each in history.of("payment.succeeded"):
        payment = each.body["payment"]
        charge = purse.charges.get(payment["reference"])
        if charge is None or charge["status"] != "succeeded":
            yield Violation("I3", payment["key"], "paid, says billing; the gateway knows nothing")
            continue
        taken, said = charge["amount"], payment["amount_minor"]
        if (taken, charge["currency"]) != (said, payment["currency"]):
            yield Violation("I3", payment["key"], f"{said} are told, {taken} were taken")
    for reference, charge in purse.charges.items():
        ours = charge["key"] is not None and charge["status"] == "succeeded"
        if told[reference] > 1 or (ours and not told[reference]):
            says = f"{charge['amount']} under {charge['key']}: told {told[reference]} times"
            yield Violation("I3", reference, says)


def attempts_are_payments(history: History) -> Iterator[Violation]:
    """I3: billing's own attempts that succeeded are the payments that it has told."""
    attempts = Counter(
        row["reference"]
        for row in history.table("billing.payment_attempts")
        if row["state"] == "succeeded"
    )
    told = _told_references(history)
    for reference in (attempts - told) + (told - attempts):
        says = f"{attempts[reference]} attempts, told {told[reference]} times"
        yield Violation("I3", str(reference), says)


def ledger_adds_up(history: History) -> Iterator[Violation]:
    """I4: the entries of each booking add up to zero in each currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for each in history.table("billing.ledger_entries"):
        sums[each["cause"], each["currency"]] += each["amount_minor"]
    for (cause, currency), total in sums.items():
        if total:
            yield Violation("I4", cause, f"{total} {currency} are left over")


def ledger_only_grows(history: History) -> Iterator[Violation]:
    """I4: what stood there when somebody looked stands there still."""
    now = {
        (each["cause"], each["n"]): each["amount_minor"]
        for each in history.table("billing.ledger_entries")
    }
    for line in history.lines("ledger"):
        for cause, n, amount in line["entries"]:
            if now.get((cause, n)) != amount:
                yield Violation("I4", cause, f"entry {n} was {amount} and is {now.get((cause, n))}")


def ledger_is_the_gateway(history: History) -> Iterator[Violation]:
    """I4: the account of the gateway says what the gateway holds of what was ever ours."""
    purse = Purse.of(history)
    booked, held = Counter[str](), Counter[str]()
    for each in history.table("billing.ledger_entries"):
        if each["account"] == "gateway_clearing":
            booked[each["currency"]] += each["amount_minor"]
    for reference in _told_references(history).keys() | purse.back.keys():
        if reference in purse.charges:
            held[purse.charges[reference]["currency"]] += purse.net(reference)
    for currency in booked.keys() | held.keys():
        if booked[currency] != held[currency]:
            says = f"booked {booked[currency]}, the gateway holds {held[currency]}"
            yield Violation("I4", f"gateway_clearing {currency}", says)


def whole_minor_units(history: History) -> Iterator[Violation]:
    """I5: no fraction anywhere, and an invoice is the sum of its lines."""
    for each in history.events:
        for path, value in _amounts(each.body, ""):
            if not isinstance(value, int) and value is not None:
                yield Violation("I5", each.id, f"{each.topic}: {path} is {value!r}")
    for bill in bills(history).values():
        lines = bill.invoice["lines"]
        if sum(line["amount_minor"] for line in lines) != bill.total:
            yield Violation("I5", bill.id, "the total is not the sum of the lines")
        for line in lines:
            if line["amount_minor"] != line["quantity"] * line["unit_price_minor"]:
                yield Violation("I5", line["identity"], "quantity times price is something else")


def _told_references(history: History) -> Counter[str]:
    return Counter(each.body["payment"]["reference"] for each in history.of("payment.succeeded"))


def _amounts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith("_minor"):
                # A price list names an amount for each currency.
                each = inner.values() if isinstance(inner, dict) else [inner]
                yield from ((f"{path}.{name}", amount) for amount in each)
            yield from _amounts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _amounts(inner, path)
