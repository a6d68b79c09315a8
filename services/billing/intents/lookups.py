"""Attempts of unknown outcome: the gateway is asked by their key until it tells."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from services.billing.context import Context, EdgeTransaction
from services.billing.domain.charge import Charge
from services.billing.intents.charges import sandbox_times
from services.billing.use_cases.ports import FindAnswer, NotFound, Refused
from services.billing.use_cases.queues import LOOKUPS, ClaimedAttempt
from services.billing.use_cases.settle_charges import Answered, settle_charges
from shared.intents import IntentLoop

Look: TypeAlias = tuple[ClaimedAttempt, datetime | None]
NEVER_ARRIVED = Refused("gateway_unreachable")


def lookups(context: Context) -> IntentLoop[Look, FindAnswer]:
    async def claim(limit: int) -> Sequence[Look]:
        async with context.begin() as tx:
            claimed = await tx.payments.claim_to_find(
                limit, context.technical_now(), context.patience.lease
            )
            now = await sandbox_times({each.partner_id for each in claimed}, tx)
            return [(each, now.get(each.partner_id)) for each in claimed]

    async def perform(look: Look) -> FindAnswer:
        attempt, now = look
        gateway = context.gateways.get(attempt.method.gateway)
        return await gateway.find(attempt.key, now) if gateway else NotFound()

    async def settle(results: Sequence[tuple[Look, FindAnswer]]) -> None:
        async with context.begin() as tx:
            await _take_in([(look[0], answer) for look, answer in results], tx, context)

    return IntentLoop(LOOKUPS, claim, perform, settle)


async def _take_in(
    results: Sequence[tuple[ClaimedAttempt, FindAnswer]], tx: EdgeTransaction, context: Context
) -> None:
    """Not found means that it never arrived, but only once the gateway had the time to show it.

    Then the same call goes out again, under the same key, if anything may still be charged; after
    the last one it has failed.
    """
    patience, at = context.patience, context.technical_now()
    mine = await tx.payments.still_mine([attempt for attempt, _ in results])
    answered: list[Answered] = []
    put_off: list[tuple[ClaimedAttempt, datetime]] = []
    left: list[tuple[ClaimedAttempt, datetime]] = []
    for attempt, answer in results:
        if isinstance(answer, Charge):
            answered.append(Answered(attempt, answer))
        elif attempt.id not in mine:
            continue
        elif not isinstance(answer, NotFound):
            late = attempt.looks >= patience.most_looks
            (left if late else put_off).append((attempt, at + patience.pause(attempt.looks)))
        elif at < attempt.sent_at + patience.visible_after:
            put_off.append((attempt, attempt.sent_at + patience.visible_after))
        else:
            last = attempt.calls >= patience.most_calls
            answered.append(Answered(attempt, NEVER_ARRIVED if last else answer))
    await tx.payments.put_off(put_off)
    await tx.payments.leave_to_a_person([attempt for attempt, _ in left])
    now = await tx.clocks.now_by_partner({each.attempt.partner_id for each in answered})
    await settle_charges(answered, tx, now)
