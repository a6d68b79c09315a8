"""Write down what the mail server said."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notifier.domain.message import MessageEvent
from services.notifier.domain.outcome import Outcome
from services.notifier.use_cases.ports import Changed, Transaction
from services.notifier.use_cases.start_sending import Delivery
from shared.ids import PartnerId


async def settle_messages(
    outcomes: Sequence[tuple[Delivery, Outcome]],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
    system_now: datetime,
) -> None:
    """An outcome whose lease has passed to another is dropped: the other one's counts."""
    tokens = {each.to.message.id: each.lease.token for each, _ in outcomes}
    ours = await tx.messages.leased(tokens)
    changed: list[Changed] = []
    for delivery, outcome in outcomes:
        if message := ours.get(delivery.to.message.id):
            at = now_by_partner[message.partner_id]
            events: list[MessageEvent] = message.settle(outcome, at, system_now)
            changed.append((message, events))
    await tx.messages.save_many(changed)
