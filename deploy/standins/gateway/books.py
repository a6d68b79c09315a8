"""The gateway's memory: charges, refunds, disputes and the money they moved, folded from a ledger."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from deploy.standins.gateway.charge import Charge, Dispute, Refund
from deploy.standins.ledger import Entry, Ledger


class Books:
    """Nothing is remembered that is not written: each change is an entry, applied and appended."""

    def __init__(self, ledger: Ledger) -> None:
        self.charges: dict[str, Charge] = {}
        self.charges_by_key: dict[str, Charge] = {}
        self.refunds: dict[str, Refund] = {}
        self.refunds_by_key: dict[str, Refund] = {}
        self.declines: Counter[str] = Counter()
        self.prevented: set[str] = set()
        self.movements: list[dict[str, Any]] = []
        self._unwritten: list[Entry] = []
        self._ledger = ledger
        self._apply_by_kind: dict[str, Callable[[Entry], None]] = {
            "charge": self._apply_charge,
            "prevented": self._apply_prevented,
            "refund": self._apply_refund,
            "settled": self._apply_settled,
            "dispute": self._apply_dispute,
        }
        for entry in ledger.at_start:
            self._apply(entry)

    def write(self) -> None:
        """Must be called before anyone hears of what was recorded."""
        entries, self._unwritten = self._unwritten, []
        if entries:
            self._ledger.append(entries)

    def record_charge(self, charge: Charge) -> None:
        self._record({"kind": "charge", "charge": charge.facts()})

    def record_prevented(self, key: str) -> None:
        self._record({"kind": "prevented", "key": key})

    def record_refund(self, refund: Refund) -> None:
        self._record({"kind": "refund", "refund": asdict(refund)})

    def record_settled(self, refund: Refund, status: str, at: str) -> None:
        entry = {"kind": "settled", "reference": refund.reference, "status": status, "at": at}
        self._record(entry)

    def record_dispute(self, charge: Charge, dispute: Dispute, at: str) -> None:
        self._record({"kind": "dispute", "charge": charge.reference, **asdict(dispute), "at": at})

    def _record(self, entry: Entry) -> None:
        self._apply(entry)
        self._unwritten.append(entry)

    def _apply(self, entry: Entry) -> None:
        # The webhooks keep entries of their own in the same ledger.
        apply = self._apply_by_kind.get(entry["kind"])
        if apply:
            apply(entry)

    def _apply_charge(self, entry: Entry) -> None:
        charge = Charge(**entry["charge"])
        self.charges[charge.reference] = charge
        if charge.key is not None:
            self.charges_by_key[charge.key] = charge
        if charge.status == "declined":
            self.declines[charge.method_ref] += 1
        else:
            self._move("capture", charge, charge, charge.amount, charge.created)

    def _apply_prevented(self, entry: Entry) -> None:
        self.prevented.add(entry["key"])

    def _apply_refund(self, entry: Entry) -> None:
        refund = Refund(**entry["refund"])
        charge = self.charges[refund.charge]
        charge.refunds.append(refund)
        self.refunds[refund.reference] = self.refunds_by_key[refund.key] = refund
        if refund.status == "succeeded":
            self._move("refund", refund, charge, refund.amount, refund.created)

    def _apply_settled(self, entry: Entry) -> None:
        refund = self.refunds[entry["reference"]]
        refund.status = entry["status"]
        if refund.status == "succeeded":
            charge = self.charges[refund.charge]
            self._move("refund", refund, charge, refund.amount, entry["at"])

    def _apply_dispute(self, entry: Entry) -> None:
        charge = self.charges[entry["charge"]]
        charge.dispute = Dispute(entry["state"], entry["amount"])
        if charge.dispute.state == "lost":
            self._move("chargeback", charge, charge, charge.dispute.amount, entry["at"])

    def _move(
        self, kind: str, cause: Charge | Refund, charge: Charge, amount: int, at: str
    ) -> None:
        movement = {
            "seq": len(self.movements) + 1,
            "kind": kind,
            "key": cause.key,
            "reference": cause.reference,
            "charge": charge.reference,
            "amount": amount,
            "currency": charge.currency,
            "method_ref": charge.method_ref,
            "at": at,
        }
        self.movements.append(movement)


def reference(prefix: str, *parts: str) -> str:
    """The same parts give the same name, so that two runs of a story can be compared."""
    return f"{prefix}_{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:24]}"
