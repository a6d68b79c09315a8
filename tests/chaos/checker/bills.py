"""Invoices as the topics tell them: the last word on each, and the payments that name it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.checker.history import Event, History

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bill:
    """`paid_by` are references at the gateway; `credited` is what credit notes have taken back."""

    id: str
    subscription: str
    invoice: Row
    issued_at: str
    settled_by: str | None
    paid_by: tuple[str, ...]
    credited: int

    @property
    def total(self) -> int:
        return int(self.invoice["total_minor"])

    @property
    def period_no(self) -> int:
        return int(self.invoice["period_no"])

    @property
    def period_start(self) -> str:
        return str(min(line["period_start"] for line in self.invoice["lines"]))

    @property
    def holds(self) -> bool:
        """Neither void nor taken back."""
        return self.invoice["status"] in {"open", "paid"} and self.credited < self.total


def bills(history: History) -> dict[str, Bill]:
    said: defaultdict[str, list[Event]] = defaultdict(list)
    for each in history.of("invoice.issued", "invoice.paid", "invoice.voided"):
        said[each.body["invoice"]["id"]].append(each)
    paid: defaultdict[str, list[str]] = defaultdict(list)
    for each in history.of("payment.succeeded"):
        payment = each.body["payment"]
        paid[payment["invoice_id"]].append(payment["reference"])
    credited: defaultdict[str, int] = defaultdict(int)
    for each in history.of("credit_note.issued"):
        note = each.body["credit_note"]
        credited[note["invoice_id"]] += note["total_minor"]
    return {
        name: _bill(name, events, tuple(paid[name]), credited[name])
        for name, events in said.items()
    }


def _bill(name: str, events: list[Event], paid_by: tuple[str, ...], credited: int) -> Bill:
    last = max(events, key=lambda each: each.version)
    return Bill(
        name,
        last.body["standing"]["subscription_id"],
        last.body["invoice"],
        last.body["invoice"]["issued_at"],
        next((e.body["settled_by"] for e in events if "settled_by" in e.body), None),
        paid_by,
        credited,
    )
