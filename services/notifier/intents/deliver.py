"""Mails on their way out: claimed with a lease, handed to the mail server, settled."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter

from services.notifier.context import Context
from services.notifier.domain.letter import Letter
from services.notifier.domain.outcome import Deferred, Outcome, Refused
from services.notifier.use_cases.ports import MAILS
from services.notifier.use_cases.settle_messages import settle_messages
from services.notifier.use_cases.start_sending import Delivery, start_sending
from shared.contracts.event import Sealed
from shared.ids import new_id
from shared.intents import IntentLoop
from shared.sealing import SealBroken, open_sealed

HANDED_IN: Final = Counter("perennial_mails_total", "Mails by outcome", ["template", "outcome"])
LEASE: Final = timedelta(seconds=120)
# What has not come to an end by then is put off, before the lease passes to another.
AT_MOST: Final = timedelta(seconds=100)


@dataclass(frozen=True, slots=True)
class SendingLease:
    """After `until` (system time) somebody else may send the mail, with the same Message-ID."""

    token: str
    until: datetime


def deliveries(
    context: Context,
    system_now: Callable[[], datetime],
    at_once: int,
    turns_a_second: float = math.inf,
) -> IntentLoop[Delivery, Outcome]:
    """`at_once` may exceed the connections: a waiting mail costs nothing, a claim does."""

    async def claim(limit: int) -> Sequence[Delivery]:
        now = system_now()
        async with context.begin() as tx:
            found = await tx.messages.next_to_send(limit, now)
            partners = {each.message.partner_id for each in found}
            now_by_partner = await tx.clocks.now_by_partner(partners)
            lease = SendingLease(new_id("lease"), now + LEASE)
            return await start_sending(found, tx, now_by_partner, now, lease)

    async def perform(delivery: Delivery) -> Outcome:
        try:
            letter = Letter(delivery.to, delivery.at, _secrets(delivery))
        except SealBroken:
            return Refused("seal_broken")
        try:
            async with asyncio.timeout(AT_MOST.total_seconds()):
                return await context.post.hand_in(letter)
        except TimeoutError:
            return Deferred("timed_out")

    async def settle(outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
        async with context.begin() as tx:
            partners = {delivery.to.message.partner_id for delivery, _ in outcomes}
            now_by_partner = await tx.clocks.now_by_partner(partners)
            await settle_messages(outcomes, tx, now_by_partner, system_now())
        for delivery, outcome in outcomes:
            kind = type(outcome).__name__.lower()
            HANDED_IN.labels(delivery.to.message.template.value, kind).inc()

    return IntentLoop(MAILS, claim, perform, settle, at_once=at_once, turns_a_second=turns_a_second)


def _secrets(delivery: Delivery) -> dict[str, str]:
    """
    Raises:
        SealBroken: it was tampered with, or sealed to another key.
    """
    seal = delivery.to.message.seal
    if seal is None or delivery.key is None:
        return {}
    sealed = Sealed(kid=seal.kid, jwe=seal.jwe, expires_at=seal.expires_at)
    return open_sealed(sealed, delivery.key.private)
