"""The gateway's own ledger: what was taken, what went back, under which key."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.checker.history import History

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Purse:
    """`charges` by reference, declined ones included; `back` is what was refunded of each."""

    charges: dict[str, Row]
    back: dict[str, int]

    @classmethod
    def of(cls, history: History) -> "Purse":
        charges: dict[str, Row] = {}
        refunds: dict[str, dict[str, Any]] = {}
        for each in history.gateway:
            if each["kind"] == "charge":
                charges[each["charge"]["reference"]] = each["charge"]
            elif each["kind"] == "refund":
                refunds[each["refund"]["reference"]] = dict(each["refund"])
            elif each["kind"] == "settled":
                refunds[each["reference"]]["status"] = each["status"]
        back: defaultdict[str, int] = defaultdict(int)
        for refund in refunds.values():
            if refund["status"] == "succeeded":
                back[refund["charge"]] += refund["amount"]
        return cls(charges, dict(back))

    def taken(self, reference: str) -> int:
        charge = self.charges.get(reference)
        return charge["amount"] if charge and charge["status"] == "succeeded" else 0

    def net(self, reference: str) -> int:
        """What the gateway still holds of it."""
        return self.taken(reference) - self.back.get(reference, 0)
