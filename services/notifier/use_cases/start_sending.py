"""Decide at the last moment which messages leave, and take them in hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.domain.letter import Addressed
from services.notifier.domain.message import Message
from services.notifier.domain.sealing_key import SealingKey
from services.notifier.use_cases.ports import Changed, Lease, Transaction
from shared.ids import PartnerId


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message under way; `key` opens its secret, where it has one."""

    to: Addressed
    lease: Lease
    at: datetime
    key: SealingKey | None = field(default=None, repr=False)


async def start_sending(
    found: Sequence[Addressed],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
    system_now: datetime,
    lease: Lease,
) -> list[Delivery]:
    """Those to hand in; the others have ended and said why."""
    seals = {each.message.seal.kid for each in found if each.message.seal}
    keys = await tx.private_keys.of(seals)
    deliveries: list[Delivery] = []
    ended: list[Changed] = []
    for each in found:
        message, at = each.message, now_by_partner[each.message.partner_id]
        key = keys.get(message.seal.kid) if message.seal else None
        events = message.start_sending(
            each.contact,
            each.brand,
            may_be_opened=_may_be_opened(message, key, min(at, system_now)),
            at=at,
        )
        if events:
            ended.append((message, events))
        else:
            deliveries.append(Delivery(each, lease, at, key))
    await tx.messages.save_many(ended)
    await tx.messages.save_many([(each.to.message, []) for each in deliveries], lease)
    return deliveries


def _may_be_opened(message: Message, key: SealingKey | None, at: datetime) -> bool:
    """A seal's end is counted on the clock of whoever made it, the partner's or the system's:
    the earlier reading counts, since the key itself is destroyed in real time.
    """
    if message.seal is None:
        return True
    return key is not None and at < message.seal.expires_at
