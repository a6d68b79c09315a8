"""Let time pass for a sandbox partner."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.sandbox_clock import SandboxClock, SandboxClockId, SandboxClockKey
from services.customers.use_cases.ports import Transaction
from services.customers.use_cases.watch_clocks import watch
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    partner_id: PartnerId
    clock_id: SandboxClockId
    to: datetime
    origin: Origin


async def advance_clock(command: AdvanceClock, tx: Transaction, real_now: datetime) -> SandboxClock:
    key = SandboxClockKey(command.partner_id, command.clock_id)
    clock = (await tx.test_clocks.get_many([key]))[key]
    events = clock.advance(command.to, real_now)
    await tx.test_clocks.save(clock, events, command.origin)
    await watch(clock, tx, real_now, command.origin)
    return clock
