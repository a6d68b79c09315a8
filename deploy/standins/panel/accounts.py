"""The panel's accounts, folded from its ledger of calls; a call older than the last changes nothing."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from deploy.standins.ledger import Entry, Ledger

TOLD = ("seq", "at", "operation", "external_id", "key", "version", "outcome", "account")


@dataclass(frozen=True)
class FirstAnswer:
    """What an idempotency key was used for, and what it was told."""

    request: list[Any]
    answer: dict[str, Any]


class Accounts:
    """An account is the JSON that is shown of it, password included; a closed one is a stone."""

    def __init__(self, ledger: Ledger) -> None:
        self.all: dict[str, dict[str, Any]] = {}
        self.by_username: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, FirstAnswer] = {}
        # Calls that went wrong, by account: what a plan's name does, it does to the first ones.
        self.troubles: Counter[str] = Counter()
        self.calls: list[Entry] = []
        self._ledger = ledger
        for entry in ledger.at_start:
            self._apply(entry)

    def open(self, external_id: str) -> dict[str, Any] | None:
        account = self.all.get(external_id)
        return None if account is None or account["status"] == "deleted" else account

    def record(self, entry: Entry) -> None:
        """Written when it returns."""
        entry = {"seq": len(self.calls) + 1, **entry}
        self._ledger.append([entry])
        self._apply(entry)

    def told(self, since: int, limit: int) -> list[Entry]:
        return [{name: e[name] for name in TOLD} for e in self.calls[since : since + limit]]

    def _apply(self, entry: Entry) -> None:
        self.calls.append(entry)
        if entry["outcome"] in {"failed", "unheard"}:
            self.troubles[entry["external_id"]] += 1
        account = entry["account"]
        if account:
            self._forget_username(entry["external_id"])
            self.all[entry["external_id"]] = account
            if "username" in account:
                self.by_username[account["username"]] = account
        if entry["key"] and entry["answer"] and entry["outcome"] in {"done", "unheard", "stale"}:
            self.answers[entry["key"]] = FirstAnswer(entry["request"], entry["answer"])

    def _forget_username(self, external_id: str) -> None:
        before = self.all.get(external_id)
        if before and "username" in before:
            del self.by_username[before["username"]]
