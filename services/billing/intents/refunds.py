"""Refunds: looked for before they are ordered, and ordered under one key for ever."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from services.billing.context import Context, EdgeTransaction
from services.billing.domain.charge import Charge
from services.billing.intents.charges import sandbox_times
from services.billing.use_cases.ports import (
    GivenBack,
    NotFound,
    PaymentGateway,
    RefundAnswer,
    Refused,
    Unanswered,
)
from services.billing.use_cases.queues import REFUNDS, ClaimedRefund
from services.billing.use_cases.settle_refunds import Doubtful, RefundResult, Worth, settle_refunds
from shared.intents import IntentLoop
from shared.timer import Timer

Order: TypeAlias = tuple[ClaimedRefund, datetime | None]
Outcome: TypeAlias = RefundAnswer | Worth


def refunds(context: Context) -> IntentLoop[Order, Outcome]:
    async def claim(limit: int) -> Sequence[Order]:
        async with context.begin() as tx:
            claimed = await tx.refunding.claim(
                limit, context.technical_now(), context.patience.lease
            )
            now = await sandbox_times({each.partner_id for each in claimed}, tx)
            return [(each, now.get(each.partner_id)) for each in claimed]

    async def perform(order: Order) -> Outcome:
        refund, now = order
        gateway = context.gateways.get(refund.gateway)
        return await _give_back(gateway, refund, now) if gateway else Refused("unknown_gateway")

    async def settle(results: Sequence[tuple[Order, Outcome]]) -> None:
        async with context.begin() as tx:
            await _take_in([(order[0], outcome) for order, outcome in results], tx, context)

    return IntentLoop(REFUNDS, claim, perform, settle)


async def _give_back(
    gateway: PaymentGateway, refund: ClaimedRefund, now: datetime | None
) -> Outcome:
    """An order that was heard before is only looked up. The amount is settled in the books before
    it is asked for, so that every call under the key asks for the same.
    """
    known = await gateway.find_refund(refund.key, now)
    if not isinstance(known, NotFound):
        return known
    charge = await gateway.find_reference(refund.reference, now)
    if not isinstance(charge, Charge):
        return charge
    left = charge.refundable_minor
    if refund.amount_minor is None or refund.amount_minor > left:
        return Worth(left, charge.currency)
    return await gateway.refund(refund.key, refund.reference, refund.amount_minor, now)


async def _take_in(
    results: Sequence[tuple[ClaimedRefund, Outcome]], tx: EdgeTransaction, context: Context
) -> None:
    patience, at = context.patience, context.technical_now()
    settled: list[tuple[str, RefundResult]] = []
    put_off, asked_later = [], []
    for refund, outcome in results:
        pause = patience.pause(refund.calls - 1)
        if isinstance(outcome, Unanswered):
            put_off.append((refund, at + pause))
            continue
        if isinstance(outcome, NotFound) and refund.calls < patience.most_calls:
            put_off.append((refund, at + pause))
            continue
        settled.append((refund.id, _result(outcome)))
        if isinstance(outcome, GivenBack) and outcome.status == "pending":
            asked_later.append((refund, outcome.settles_at))
            put_off.append((refund, at + patience.look_after[-1]))
        else:
            put_off.append((refund, at))
    await tx.refunding.put_off(put_off)
    now = await tx.clocks.now_by_partner({refund.partner_id for refund, _ in results})
    await settle_refunds(settled, tx, now)
    await tx.timers.set([_reminder(each, due) for each, due in asked_later if due is not None])


def _result(outcome: GivenBack | Worth | NotFound | Refused) -> RefundResult:
    """A reference that the gateway does not know has nothing that could go back."""
    if isinstance(outcome, NotFound):
        return Worth(0, "")
    return Doubtful() if isinstance(outcome, Refused) else outcome


def _reminder(refund: ClaimedRefund, due_at: datetime) -> Timer:
    """A pending refund settles by the gateway's time, which is the partner's."""
    return Timer(
        "refund_settles", refund.id, due_at.isoformat(), due_at, refund.partner_id, refund.id
    )
