"""Lead the services on to a clock's next turn or stop once all of them are quiet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.clock_answer import Answer
from services.customers.domain.sandbox_clock import SandboxClockKey
from services.customers.use_cases.ports import Transaction
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class HearAnswer:
    clock: SandboxClockKey
    answer: Answer
    origin: Origin


async def lead_clocks(
    commands: Sequence[HearAnswer],
    tx: Transaction,
    followers: Sequence[str],
    real_now: datetime,
) -> None:
    clocks = await tx.test_clocks.get_many({each.clock for each in commands})
    for each in commands:
        clock = clocks[each.clock]
        await tx.test_clocks.save(clock, clock.hear(each.answer, followers, real_now), each.origin)
