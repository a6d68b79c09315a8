"""Captured references: the gateway is asked what they are worth."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from services.billing.context import Context
from services.billing.domain.charge import Charge
from services.billing.intents.charges import sandbox_times
from services.billing.use_cases.ports import FindAnswer, NotFound
from services.billing.use_cases.queues import VERIFICATIONS, ClaimedVerification
from services.billing.use_cases.settle_verifications import settle_verifications
from shared.intents import IntentLoop

Look: TypeAlias = tuple[ClaimedVerification, datetime | None]


def verifications(context: Context) -> IntentLoop[Look, FindAnswer]:
    async def claim(limit: int) -> Sequence[Look]:
        async with context.begin() as tx:
            claimed = await tx.verifying.claim(
                limit, context.technical_now(), context.patience.lease
            )
            now = await sandbox_times({each.partner_id for each in claimed}, tx)
            return [(each, now.get(each.partner_id)) for each in claimed]

    async def perform(look: Look) -> FindAnswer:
        claimed, now = look
        gateway = context.gateways.get(claimed.gateway)
        return await gateway.find_reference(claimed.reference, now) if gateway else NotFound()

    async def settle(results: Sequence[tuple[Look, FindAnswer]]) -> None:
        """A capture that is not to be found is refused only after the gateway had time to show it."""
        patience, at = context.patience, context.technical_now()
        answered, put_off = [], []
        for (claimed, _), answer in results:
            shown_by = claimed.first_look_at + patience.visible_after
            if isinstance(answer, Charge) or (isinstance(answer, NotFound) and at >= shown_by):
                answered.append((claimed.of, answer))
            elif isinstance(answer, NotFound):
                put_off.append((claimed, shown_by))
            else:
                put_off.append((claimed, at + patience.pause(claimed.looks - 1)))
        async with context.begin() as tx:
            await tx.verifying.put_off(put_off)
            now = await tx.clocks.now_by_partner({key.partner_id for key, _ in answered})
            await settle_verifications(answered, tx, now)

    return IntentLoop(VERIFICATIONS, claim, perform, settle)
