"""End an advance that stands still, with the name of what it waits for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.customers.domain.sandbox_clock import (
    PATIENCE,
    ClockStatus,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
)
from services.customers.domain.signing_key import PLATFORM
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin
from shared.timer import Timer

CLOCK_WATCH: Final = "clock_watch"


async def watch(clock: SandboxClock, tx: Transaction, real_now: datetime, origin: Origin) -> None:
    """Look again when patience may have run out. It is the platform's timer, so in real time."""
    at = max(clock.moved_at + PATIENCE, real_now)
    await tx.timers.cancel([CLOCK_WATCH], [_subject(clock.key)])
    await tx.timers.set(
        [
            Timer(
                CLOCK_WATCH,
                _subject(clock.key),
                f"{clock.round} {at.isoformat()}",
                at,
                PLATFORM,
                origin.correlation_id,
            )
        ]
    )


async def watch_clocks(
    watched: Sequence[tuple[str, Origin]],
    tx: Transaction,
    followers: Sequence[str],
    real_now: datetime,
) -> None:
    """`watched` are subjects of the timers that have come."""
    clocks = await tx.test_clocks.get_many([_key(subject) for subject, _ in watched])
    for subject, origin in watched:
        clock = clocks[_key(subject)]
        clock.give_up(followers, real_now)
        await tx.test_clocks.save(clock, [], origin)
        if clock.status is ClockStatus.ADVANCING:
            await watch(clock, tx, real_now, origin)


def _subject(key: SandboxClockKey) -> str:
    return f"{key.partner_id}/{key.id}"


def _key(subject: str) -> SandboxClockKey:
    partner_id, _, clock_id = subject.partition("/")
    return SandboxClockKey(PartnerId(partner_id), SandboxClockId(clock_id))
