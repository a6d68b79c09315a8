"""Takes a call, decides whether it is heard, late, repeated or due, and writes what came of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.standins.answer import ANSWER_DEEDS, PLAIN, Answer
from deploy.standins.panel.accounts import Accounts
from deploy.standins.panel.changes import CHANGES, Account, present
from deploy.standins.panel.orders import Call
from deploy.standins.refusal import Refusal, key_reused
from deploy.standins.rules import Rules
from deploy.standins.sandbox_time import shown


def panel_rules() -> Rules:
    facts = frozenset({"operation", "external_id", "plan", "key"})
    return Rules(dict.fromkeys(ANSWER_DEEDS, "answer"), facts, frozenset({"read"}))


@dataclass(frozen=True)
class Desk:
    accounts: Accounts
    rules: Rules
    url: str

    def take(self, call: Call, now: datetime) -> tuple[dict[str, Any], Answer]:
        account = self.accounts.all.get(call.external_id)
        answer = self._answer(call, account)
        if answer.prevents:
            self._write(call, now, "failed", account, None)
            return {}, answer
        try:
            outcome, account, told = self._do(call, account, now)
        except Refusal:
            self._write(call, now, "refused", account, None)
            raise
        heard = outcome if answer.is_heard or outcome != "done" else "unheard"
        self._write(call, now, heard, account, told)
        return told, answer

    def _do(
        self, call: Call, account: Account | None, now: datetime
    ) -> tuple[str, Account | None, dict[str, Any]]:
        first = self.accounts.answers.get(call.key) if call.key else None
        if first:
            if first.request != _request(call):
                raise key_reused(call.key or "")
            return "replayed", account, first.answer
        if account and call.version is not None and call.version < account["version"]:
            return "stale", account, present(call, account)
        changed = CHANGES[call.operation](call, account, now, self.url)
        return "done", changed.account, changed.answer

    def _answer(self, call: Call, account: Account | None) -> Answer:
        plan = str(call.wish.get("plan") or (account or {}).get("plan", ""))
        rule = self.rules.pick(
            "answer",
            {
                "operation": (call.operation,),
                "external_id": (call.external_id,),
                "plan": (plan,),
                "key": (call.key,) if call.key else (),
            },
        )
        if rule:
            return Answer.by_rule(rule)
        return _answer_by_name(plan, self.accounts.troubles[call.external_id])

    def _write(
        self, call: Call, now: datetime, outcome: str, account: Account | None, told: Any
    ) -> None:
        self.accounts.record(
            {
                "kind": "call",
                "at": shown(now),
                "operation": call.operation,
                "external_id": call.external_id,
                "key": call.key,
                "version": call.version,
                "outcome": outcome,
                "account": account,
                "request": _request(call),
                "answer": told,
            }
        )


def _request(call: Call) -> list[Any]:
    return [call.operation, call.external_id, call.version, call.wish]


def _answer_by_name(plan: str, troubles: int) -> Answer:
    slow = re.match(r"panel_slow_(\d+(?:\.\d+)?)", plan)
    if slow:
        return Answer.of("slow", float(slow[1]))
    fails = re.match(r"panel_fail_(\d+)", plan)
    if fails and troubles < int(fails[1]):
        return Answer.of("error")
    held = re.match(r"panel_(timeout_before|timeout_after)", plan)
    return Answer.of(held[1]) if held and troubles == 0 else PLAIN
