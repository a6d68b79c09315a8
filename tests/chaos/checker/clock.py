"""I20 and I21: what was due has happened once, never early, and periods follow on each other."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.checker.bills import bills
from tests.chaos.checker.history import History, Row, instant
from tests.chaos.checker.messages import SERVICES
from tests.chaos.checker.violation import Violation


def timers_fire_once(history: History) -> Iterator[Violation]:
    """I20: nothing that was due is left, and nothing fired before its time."""
    for service in SERVICES:
        clocks = {row["partner_id"]: row["now"] for row in history.table(f"{service}.clocks")}
        for row in history.table(f"{service}.timers"):
            now = clocks.get(row["partner_id"])
            if now is None or not row["sandbox"] or row["fired_at"] is not None:
                continue
            if instant(row["due_at"]) <= instant(now):
                name = f"{service} {row['kind']} {row['subject']}"
                yield Violation("I20", name, f"was due at {row['due_at']}, and has not fired")
    for bill in bills(history).values():
        if bill.period_no and instant(bill.issued_at) < instant(bill.period_start):
            yield Violation("I20", bill.id, f"issued before {bill.period_start}")


def periods_follow_on_each_other(history: History) -> Iterator[Violation]:
    """I21: numbers have no gap, and no period begins before the one before it has ended."""
    opened: defaultdict[str, list[Row]] = defaultdict(list)
    for each in history.of("period.opened"):
        opened[each.subject].append(each.body["period"])
    for name, periods in opened.items():
        periods.sort(key=lambda period: period["no"])
        numbers = [period["no"] for period in periods]
        if numbers != list(range(len(numbers))):
            yield Violation("I21", name, f"its periods are {numbers}")
        for before, after in pairwise(periods):
            if instant(after["start"]) < instant(before["end"]):
                says = f"period {after['no']} begins at {after['start']}, before {before['end']}"
                yield Violation("I21", name, says)


def every_period_is_billed_once(history: History) -> Iterator[Violation]:
    """I21: as many invoices that hold as periods that were opened by payment."""
    holding: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for bill in bills(history).values():
        if bill.holds:
            holding[bill.subscription, bill.period_no].append(bill.id)
    for (name, no), found in holding.items():
        if len(found) > 1:
            yield Violation("I21", name, f"period {no} has {len(found)} invoices")
    for each in history.of("period.opened"):
        if each.body["by"] == "payment" and not each.body["invoice_id"]:
            yield Violation("I21", each.subject, "a period was opened by a payment for nothing")
