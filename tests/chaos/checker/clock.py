"""I20 and I21: what was due has happened once, never early, and periods follow on each other."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from tests.chaos.checker.bills import bills
from tests.chaos.checker.history import Event, History, instant
from tests.chaos.checker.life import lives
from tests.chaos.checker.messages import SERVICES
from tests.chaos.checker.violation import Violation

# So long after a word was told somebody may still act without having heard it.
CROSSING = timedelta(minutes=5)


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
    """I21: no number comes twice or is left out but by an extension, and no period begins before
    the one before it has ended.
    """
    opened, told = _opened(history), lives(history)
    for name, periods in opened.items():
        periods.sort(key=lambda each: each.body["period"]["no"])
        numbers = [each.body["period"]["no"] for each in periods]
        if len(set(numbers)) < len(numbers) or _leaves_out(periods, told.get(name, [])):
            yield Violation("I21", name, f"its periods are {numbers}")
        for before, after in pairwise(each.body["period"] for each in periods):
            if instant(after["start"]) < instant(before["end"]):
                says = f"period {after['no']} begins at {after['start']}, before {before['end']}"
                yield Violation("I21", name, says)


def granted_time_is_not_sold(history: History) -> Iterator[Violation]:
    """I21: nothing is paid for a period that begins in what an extension has covered. A charge that
    was due when the extension was told may have crossed it.
    """
    opened = _opened(history)
    for each in history.of("subscription.extended"):
        told, until = instant(each.body["change"]["at"]), _covered_until(each)
        for period in opened.get(each.subject, ()):
            start = instant(period.body["period"]["start"])
            if period.body["by"] == "payment" and told + CROSSING < start < until:
                says = f"period {period.body['period']['no']} of {start} is paid for, and granted"
                yield Violation("I21", each.subject, says)


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


def _opened(history: History) -> dict[str, list[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for each in history.of("period.opened"):
        found[each.subject].append(each)
    return dict(found)


def _leaves_out(periods: list[Event], life: list[Event]) -> bool:
    """A granted period uses up a number that nobody opens, unless it was owed and paid elsewhere.
    Which number it is depends on what billing heard first; how many there are does not.
    """
    settled = 0
    for n, each in enumerate(periods):
        no = each.body["period"]["no"]
        settled += each.body["by"] == "manual"
        if no - n + settled > _granted_before(no, life):
            return True
    return False


def _granted_before(no: int, life: list[Event]) -> int:
    """How many periods were granted when this one began to run. One that never ran is judged by
    the end of the life.
    """
    states = [each.body["subscription"] for each in life]
    ran = (each for each in states if each["period"] and each["period"]["no"] >= no)
    state = next(ran, states[-1] if states else None)
    return int(state["periods_granted"]) if state else 0


def _covered_until(extended: Event) -> datetime:
    return instant(extended.body["subscription"]["next_boundary_at"])
