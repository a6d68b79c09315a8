"""What a charge or a refund comes to: a rule decides, else the name of the payment method."""

import re
from dataclasses import dataclass

from deploy.standins.answer import ANSWER_DEEDS, PLAIN, Answer
from deploy.standins.gateway.charge import SUCCEEDED, Result
from deploy.standins.rules import Facts, RuleOrder, Rules

SETTLES_AFTER = 5 * 86_400.0
SOFT = Result("declined", "insufficient_funds", "soft")
HARD = Result("declined", "stolen_card", "hard")
EXPIRED = Result("declined", "expired_card", "hard")
PENDING = Result("pending", seconds=SETTLES_AFTER)
FAILED = Result("failed")

CHARGE_DEEDS = {"succeed": SUCCEEDED, "decline": SOFT, "hard_decline": HARD}
REFUND_DEEDS = {"refund_pending": PENDING, "refund_fail": FAILED}
WEBHOOK_DEEDS = ("webhook_twice", "webhook_first", "no_webhook")
CONCERNS = {
    **dict.fromkeys(CHARGE_DEEDS, "charge"),
    **dict.fromkeys(REFUND_DEEDS, "refund"),
    **dict.fromkeys((*ANSWER_DEEDS, "late"), "answer"),
    **dict.fromkeys(WEBHOOK_DEEDS, "webhook"),
}
ANSWER_BY_NAME = {
    "timeout_before": "timeout_before",
    "timeout_after": "timeout_after",
    "500_before": "error",
    "500_after": "error_after",
    "late": "late",
}


@dataclass(frozen=True)
class Behaviour:
    result: Result
    answer: Answer = PLAIN
    webhook: str | None = None


def gateway_rules() -> Rules:
    return Rules(CONCERNS, frozenset({"operation", "method_ref", "key"}), frozenset({"find"}))


def charge_behaviour(rules: Rules, facts: Facts, *, declined: int, again: bool) -> Behaviour:
    """What a charge of a key not charged before comes to.

    `declined` counts this method's declines so far; `again`: this key was prevented before, and
    a method's name prevents a key only once.
    """
    [method_ref] = facts["method_ref"]
    rule = rules.pick("charge", facts)
    result = _result(CHARGE_DEEDS, rule) if rule else _charge_by_name(method_ref, declined)
    answer = answer_by_rule(rules, facts)
    if answer is PLAIN:
        by_name = _answer_by_name(method_ref)
        answer = PLAIN if again and by_name.prevents else by_name
    return Behaviour(result, answer, _webhook(rules, facts))


def refund_behaviour(rules: Rules, facts: Facts) -> Behaviour:
    [method_ref] = facts["method_ref"]
    rule = rules.pick("refund", facts)
    result = _result(REFUND_DEEDS, rule) if rule else _refund_by_name(method_ref)
    return Behaviour(result, answer_by_rule(rules, facts), _webhook(rules, facts))


def answer_by_rule(rules: Rules, facts: Facts) -> Answer:
    rule = rules.pick("answer", facts)
    return Answer.by_rule(rule) if rule else PLAIN


def _webhook(rules: Rules, facts: Facts) -> str | None:
    rule = rules.pick("webhook", facts)
    return rule.do if rule else None


def _result(deeds: dict[str, Result], rule: RuleOrder) -> Result:
    usual = deeds[rule.do]
    code = rule.code if usual.code and rule.code else usual.code
    seconds = usual.seconds if rule.seconds is None else rule.seconds
    return Result(usual.status, code, usual.kind, seconds)


def _charge_by_name(method_ref: str, declined: int) -> Result:
    if method_ref.startswith("pm_decline"):
        return SOFT
    if method_ref.startswith("pm_hard"):
        return EXPIRED if method_ref.startswith("pm_hard_expired") else HARD
    fails = re.match(r"pm_fail_(\d+)", method_ref)
    return SOFT if fails and declined < int(fails[1]) else SUCCEEDED


def _answer_by_name(method_ref: str) -> Answer:
    slow = re.match(r"pm_slow_(\d+(?:\.\d+)?)", method_ref)
    if slow:
        return Answer.of("slow", float(slow[1]))
    for name, kind in ANSWER_BY_NAME.items():
        if method_ref.startswith(f"pm_{name}"):
            return Answer.of(kind)
    return PLAIN


def _refund_by_name(method_ref: str) -> Result:
    if method_ref.startswith("pm_refund_pending"):
        return PENDING
    return FAILED if method_ref.startswith("pm_refund_fail") else SUCCEEDED
