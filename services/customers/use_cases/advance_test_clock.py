"""Let time pass for a sandbox partner."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.test_clock import TestClock, TestClockId, TestClockKey
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class AdvanceTestClock:
    partner_id: PartnerId
    clock_id: TestClockId
    to: datetime
    origin: Origin


async def advance_test_clock(command: AdvanceTestClock, tx: Transaction) -> TestClock:
    clock = await tx.test_clocks.get(TestClockKey(command.partner_id, command.clock_id))
    events = clock.advance(command.to)
    await tx.test_clocks.save(clock, events, command.origin)
    return clock
