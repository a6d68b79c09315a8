"""Switch a partner's mails to its customers on or off (S0-3)."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class SwitchNotifications:
    partner_id: PartnerId
    enabled: bool
    origin: Origin


async def switch_notifications(
    command: SwitchNotifications, tx: Transaction, now: datetime
) -> None:
    partner = await tx.partners.lock(command.partner_id)
    events = partner.switch_notifications(enabled=command.enabled, at=now)
    if events:
        await tx.partners.save(partner, events, command.origin)
