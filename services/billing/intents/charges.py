"""Charges: attempts go out in batches, and what came back is settled in sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from services.billing.context import Context, EdgeTransaction
from services.billing.use_cases.ports import ChargeAnswer, ChargeOrder, Refused, Unanswered
from services.billing.use_cases.queues import CHARGES, ClaimedAttempt
from services.billing.use_cases.settle_charges import Answered, settle_charges
from shared.ids import PartnerId, is_sandbox
from shared.intents import IntentLoop

MOST_IN_A_BATCH = 100
UNKNOWN_GATEWAY = Refused("unknown_gateway")


@dataclass(frozen=True, slots=True)
class Batch:
    """Attempts at one gateway that go out in one call; `now` is the time of sandbox partners."""

    gateway: str
    attempts: Sequence[ClaimedAttempt]
    now: Mapping[PartnerId, datetime]


Results: TypeAlias = Sequence[tuple[Batch, Sequence[ChargeAnswer]]]


def charges(context: Context) -> IntentLoop[Batch, Sequence[ChargeAnswer]]:
    async def claim(limit: int) -> Sequence[Batch]:
        async with context.begin() as tx:
            claimed = await tx.payments.claim_to_send(
                limit * MOST_IN_A_BATCH, context.technical_now(), context.patience.lease
            )
            return await batches(claimed, limit, tx)

    async def perform(batch: Batch) -> Sequence[ChargeAnswer]:
        gateway = context.gateways.get(batch.gateway)
        if gateway is None:
            return [UNKNOWN_GATEWAY] * len(batch.attempts)
        return await gateway.charge([_order(each, batch.now) for each in batch.attempts])

    async def settle(results: Results) -> None:
        async with context.begin() as tx:
            await take_in(results, tx, context)

    return IntentLoop(CHARGES, claim, perform, settle)


async def batches(
    claimed: Sequence[ClaimedAttempt], limit: int, tx: EdgeTransaction
) -> list[Batch]:
    """Few attempts go alone; many share calls. One that went out before goes alone, since it may
    be the one that made a call hang.
    """
    now = await sandbox_times({each.partner_id for each in claimed}, tx)
    size = max(1, -(-len(claimed) // limit))
    found = [Batch(each.method.gateway, [each], now) for each in claimed if each.calls > 1]
    fresh = [each for each in claimed if each.calls <= 1]
    for name in sorted(
        {(each.method.gateway, now.get(each.partner_id)) for each in fresh}, key=str
    ):
        same = [each for each in fresh if (each.method.gateway, now.get(each.partner_id)) == name]
        found += [Batch(name[0], same[k : k + size], now) for k in range(0, len(same), size)]
    return found


async def sandbox_times(partners: set[PartnerId], tx: EdgeTransaction) -> dict[PartnerId, datetime]:
    """The gateway is told the time of partners that have their own."""
    return await tx.clocks.now_by_partner({each for each in partners if is_sandbox(each)})


async def take_in(results: Results, tx: EdgeTransaction, context: Context) -> None:
    """Definite answers move money in the books; the others are asked about later."""
    look_at = context.technical_now() + context.patience.pause(0)
    answered, put_off = [], []
    for batch, answers in results:
        for attempt, answer in zip(batch.attempts, answers, strict=True):
            if isinstance(answer, Unanswered):
                put_off.append((attempt, look_at))
            else:
                answered.append(Answered(attempt, answer))
    await tx.payments.put_off(put_off)
    now = await tx.clocks.now_by_partner({each.attempt.partner_id for each in answered})
    await settle_charges(answered, tx, now)
    await tx.webhooks.known([each.attempt.key for each in answered])


def _order(attempt: ClaimedAttempt, now: Mapping[PartnerId, datetime]) -> ChargeOrder:
    return ChargeOrder(
        attempt.key,
        attempt.amount_minor,
        attempt.currency,
        attempt.method,
        now.get(attempt.partner_id),
    )
