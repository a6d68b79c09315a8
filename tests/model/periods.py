"""I21 as billing goes: each period that it opens or invoices, against a calendar counted otherwise."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from tests.model.calendar import boundary
from tests.model.story import Said, Story


class Periods:
    """At every moment there is no period too many: no number comes twice or out of its turn, none
    begins before its time has come, and of what is left alone each lies where the calendar has it,
    whatever clocks and months do. That there is none too few is judged at rest: billing's run for a
    boundary may be late.
    """

    def __init__(self, story: Story) -> None:
        self._story = story
        self._read = 0
        self._starts: defaultdict[str, dict[int, datetime]] = defaultdict(dict)

    def broken(self) -> list[str]:
        fresh = self._story.billing_since(self._read)
        self._read += len(fresh)
        return [fault for said in fresh for fault in self._look_at(said)]

    def _look_at(self, said: Said) -> list[str]:
        if said.topic == "period.opened":
            return self._opened(said.name, said.body)
        if said.topic == "invoice.issued":
            return self._issued(said.name, said.body["invoice"])
        return []

    def _opened(self, name: str, body: dict[str, Any]) -> list[str]:
        period, known, found = body["period"], self._starts[name], []
        no, start, end = period["no"], *map(_instant, (period["start"], period["end"]))
        if no in known:
            found.append(f"I21 period {no} of {name} was opened twice")
        if any((other < no) is not (begun < start) for other, begun in known.items()):
            found.append(f"I21 period {no} of {name} begins at {start}, out of its turn: {known}")
        if start > _instant(body["change"]["at"]):
            found.append(f"I21 period {no} of {name} was opened before {start}")
        known[no] = start
        return [*found, *self._against_the_calendar(name, no, start, end)]

    def _issued(self, name: str, invoice: dict[str, Any]) -> list[str]:
        [line] = invoice["lines"]
        no, start, end = (
            invoice["period_no"],
            *map(_instant, (line["period_start"], line["period_end"])),
        )
        found = self._against_the_calendar(name, no, start, end)
        if start > _instant(invoice["issued_at"]):
            found.append(f"I21 invoice {invoice['number']} of {name} was issued before {start}")
        return found

    def _against_the_calendar(
        self, name: str, no: int, start: datetime, end: datetime
    ) -> list[str]:
        """The first period begins with a payment, and not at midnight."""
        state = self._story.states[name]
        if not no or name in self._story.owed or not self._story.is_left_alone(name):
            return []
        there = boundary(state, no), boundary(state, no + 1)
        if (start, end) == there:
            return []
        return [f"I21 period {no} of {name} is {start} to {end}, the calendar has {there}"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
