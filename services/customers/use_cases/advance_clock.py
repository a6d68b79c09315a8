"""Let time pass for a sandbox partner."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.sandbox_clock import SandboxClock, SandboxClockId, SandboxClockKey
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    partner_id: PartnerId
    clock_id: SandboxClockId
    to: datetime
    origin: Origin


async def advance_clock(command: AdvanceClock, tx: Transaction) -> SandboxClock:
    clock = await tx.test_clocks.get(SandboxClockKey(command.partner_id, command.clock_id))
    events = clock.advance(command.to)
    await tx.test_clocks.save(clock, events, command.origin)
    return clock
