"""Takes an order, decides what it comes to, and books it; how the answer travels is not its matter."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.standins.answer import PLAIN, Answer
from deploy.standins.gateway.behaviour import (
    answer_by_rule,
    charge_behaviour,
    refund_behaviour,
)
from deploy.standins.gateway.books import Books, reference
from deploy.standins.gateway.charge import SUCCEEDED, Charge, Dispute, Refund, Result
from deploy.standins.gateway.orders import CaptureOrder, ChargeOrder, DisputeOrder, RefundOrder
from deploy.standins.refusal import Refusal, invalid, key_reused, not_found
from deploy.standins.rules import Facts, Rules
from deploy.standins.sandbox_time import parsed, shown, system_now


@dataclass(frozen=True)
class Handled:
    """`said`: the type of the event to tell with it, and how; None when nothing new happened."""

    shown: dict[str, Any] = field(default_factory=dict)
    answer: Answer = PLAIN
    said: tuple[str, str | None] | None = None


class Desk:
    def __init__(self, books: Books, rules: Rules) -> None:
        self.books, self.rules = books, rules

    def charge(self, order: ChargeOrder, now: datetime) -> Handled:
        facts = _facts("charge", order.key, order.method_ref)
        charge = self.books.charges_by_key.get(order.key)
        if charge:
            if not _is_for(charge, order):
                raise key_reused(order.key)
            answer = answer_by_rule(self.rules, facts)
            return Handled({} if answer.prevents else charge.shown(), answer)
        behaviour = charge_behaviour(
            self.rules,
            facts,
            declined=self.books.declines[order.method_ref],
            again=order.key in self.books.prevented,
        )
        if behaviour.answer.prevents:
            self.books.record_prevented(order.key)
            return Handled(answer=behaviour.answer)
        charge = _charge(order, behaviour.result, _hidden_until(behaviour.answer), now)
        self.books.record_charge(charge)
        event = "charge.succeeded" if charge.captured else "charge.failed"
        return Handled(charge.shown(), behaviour.answer, (event, behaviour.webhook))

    def capture(self, order: CaptureOrder, now: datetime) -> Charge:
        """What an upstream checkout did by itself, before the platform heard of it."""
        known = self.books.charges.get(order.reference)
        if known:
            if not _is_for(known, order):
                raise key_reused(order.reference)
            return known
        charge = _charge(order, SUCCEEDED, None, now)
        self.books.record_charge(charge)
        return charge

    def refund(self, order: RefundOrder, now: datetime) -> Handled:
        charge = self._charge_of(order.reference)
        facts = _facts("refund", order.key, charge.method_ref)
        refund = self.books.refunds_by_key.get(order.key)
        if refund:
            if (refund.charge, refund.amount) != (order.reference, order.amount):
                raise key_reused(order.key)
            answer = answer_by_rule(self.rules, facts)
            return Handled({} if answer.prevents else refund.shown(), answer)
        if order.amount > charge.refundable:
            message = (
                f"of {charge.reference} {charge.refundable} may be refunded, not {order.amount}"
            )
            raise Refusal(422, "not_refundable", message, "amount")
        behaviour = refund_behaviour(self.rules, facts)
        if behaviour.answer.prevents:
            return Handled(answer=behaviour.answer)
        refund = _refund(order, charge, behaviour.result, now)
        self.books.record_refund(refund)
        said = (f"refund.{refund.status}", behaviour.webhook)
        return Handled(refund.shown(), behaviour.answer, said)

    def settle(self, refund_reference: str, status: str, now: datetime) -> Refund:
        refund = self.books.refunds.get(refund_reference)
        if refund is None:
            raise not_found(f"no refund {refund_reference!r}")
        if refund.status != "pending":
            raise invalid(f"refund {refund.reference} is {refund.status}, not pending", "reference")
        self.books.record_settled(refund, status, shown(now))
        return refund

    def settle_due(self, refunds: list[Refund], now: datetime) -> list[Refund]:
        """Pending refunds whose time a caller has reached; looking is what settles them."""
        due = [
            refund
            for refund in refunds
            if refund.status == "pending"
            and refund.settles_at
            and parsed(refund.settles_at, "settles_at") <= now
        ]
        for refund in due:
            self.books.record_settled(refund, "succeeded", refund.settles_at or shown(now))
        return due

    def dispute(self, order: DisputeOrder, now: datetime) -> Charge:
        charge = self._charge_of(order.reference)
        if charge.dispute and charge.dispute.state in {"won", "lost"}:
            raise invalid(f"the dispute of {charge.reference} is {charge.dispute.state}", "state")
        before = charge.dispute.amount if charge.dispute else 0
        disputable = charge.refundable + charge.disputed
        amount = order.amount or before or disputable
        if not 0 < amount <= disputable:
            raise invalid(f"amount: at most {disputable} may be disputed", "amount")
        self.books.record_dispute(charge, Dispute(order.state, amount), shown(now))
        return charge

    def _charge_of(self, charge_reference: str) -> Charge:
        charge = self.books.charges.get(charge_reference)
        if charge is None:
            raise not_found(f"no charge {charge_reference!r}")
        return charge


def _facts(operation: str, key: str, method_ref: str) -> Facts:
    return {"operation": (operation,), "key": (key,), "method_ref": (method_ref,)}


def _is_for(charge: Charge, order: ChargeOrder | CaptureOrder) -> bool:
    return all(
        getattr(charge, name) == value for name, value in order.model_dump(mode="json").items()
    )


def _hidden_until(answer: Answer) -> str | None:
    if answer.kind != "late":
        return None
    return shown(system_now() + timedelta(seconds=answer.seconds))


def _charge(
    order: ChargeOrder | CaptureOrder, result: Result, hidden_until: str | None, now: datetime
) -> Charge:
    own = order.model_dump()
    return Charge(
        reference=own.get("reference") or reference("ch", own["key"]),
        key=own.get("key"),
        status=result.status,
        decline_code=result.code,
        decline_kind=result.kind,
        amount=order.amount,
        currency=order.currency,
        method_ref=order.method_ref,
        description=own.get("description"),
        created=shown(now),
        hidden_until=hidden_until,
    )


def _refund(order: RefundOrder, charge: Charge, result: Result, now: datetime) -> Refund:
    pending = result.status == "pending"
    return Refund(
        reference=reference("re", order.key),
        key=order.key,
        charge=charge.reference,
        status=result.status,
        amount=order.amount,
        currency=charge.currency,
        method_ref=charge.method_ref,
        settles_at=shown(now + timedelta(seconds=result.seconds)) if pending else None,
        created=shown(now),
    )
