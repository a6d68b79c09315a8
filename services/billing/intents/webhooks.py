"""What the gateway told by webhook is a hint: the gateway itself is asked, and its answer counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from services.billing.context import Context, EdgeTransaction
from services.billing.domain.charge import Charge
from services.billing.intents.charges import sandbox_times
from services.billing.use_cases.ports import (
    FindAnswer,
    GivenBack,
    NotFound,
    RefundAnswer,
    Unanswered,
)
from services.billing.use_cases.queues import WEBHOOKS, ClaimedAttempt, ClaimedWebhook
from services.billing.use_cases.settle_charges import Answered, settle_charges
from services.billing.use_cases.settle_refunds import settle_refunds
from shared.intents import IntentLoop

Hint: TypeAlias = tuple[ClaimedWebhook, ClaimedAttempt | str | None, datetime | None]
Answer: TypeAlias = FindAnswer | RefundAnswer


def webhooks(context: Context) -> IntentLoop[Hint, Answer]:
    """A hint comes with what it is about: an attempt, the id of a refund, or nothing of ours.

    Mostly the gateway says what its answer to the call has said before: it is not asked again.
    """

    async def claim(limit: int) -> Sequence[Hint]:
        async with context.begin() as tx:
            while claimed := await tx.webhooks.claim(
                limit, context.technical_now(), context.patience.lease
            ):
                if news := await _without_the_known(claimed, tx):
                    return await _hints(news, tx, context)
            return []

    async def perform(hint: Hint) -> Answer:
        webhook, about, now = hint
        gateway = context.gateways.get(webhook.gateway)
        if gateway is None or webhook.key is None or about is None:
            return NotFound()
        if isinstance(about, str):
            return await gateway.find_refund(webhook.key, now)
        return await gateway.find(webhook.key, now)

    async def settle(results: Sequence[tuple[Hint, Answer]]) -> None:
        async with context.begin() as tx:
            await _take_in(results, tx, context)

    return IntentLoop(WEBHOOKS, claim, perform, settle)


async def _without_the_known(
    claimed: Sequence[ClaimedWebhook], tx: EdgeTransaction
) -> list[ClaimedWebhook]:
    known = await tx.webhooks.known([each.key for each in claimed if each.key is not None])
    return [each for each in claimed if (each.gateway, each.id) not in known]


async def _hints(
    claimed: Sequence[ClaimedWebhook], tx: EdgeTransaction, context: Context
) -> list[Hint]:
    keys = [each.key for each in claimed if each.key is not None]
    attempts = await tx.payments.by_keys(keys, context.technical_now())
    refunds = await tx.refunding.by_keys(keys)
    now = await sandbox_times({each.partner_id for each in attempts.values()}, tx)
    hints: list[Hint] = []
    for each in claimed:
        attempt = attempts.get(each.key or "")
        about = attempt or refunds.get(each.key or "")
        hints.append((each, about, now.get(attempt.partner_id) if attempt else None))
    return hints


async def _take_in(
    results: Sequence[tuple[Hint, Answer]], tx: EdgeTransaction, context: Context
) -> None:
    patience, at = context.patience, context.technical_now()
    charges, refunds, put_off, handled = [], [], [], {}
    for (webhook, about, _), answer in results:
        if isinstance(answer, Unanswered) and webhook.looks < patience.most_looks:
            put_off.append((webhook, at + patience.pause(webhook.looks - 1)))
            continue
        if isinstance(answer, Charge) and isinstance(about, ClaimedAttempt):
            charges.append(Answered(about, answer))
        elif isinstance(answer, GivenBack) and isinstance(about, str):
            refunds.append((about, answer))
        handled[webhook] = type(answer).__name__ if about else "not ours"
    now = await tx.clocks.now_by_partner({each.attempt.partner_id for each in charges})
    await settle_charges(charges, tx, now)
    partners = await tx.refunds.get_many({name for name, _ in refunds})
    now |= await tx.clocks.now_by_partner({each.partner_id for each in partners.values()})
    await settle_refunds(refunds, tx, now)
    # After the books, as whoever settles the call itself does it.
    await tx.webhooks.put_off(put_off)
    await tx.webhooks.handled(handled)
