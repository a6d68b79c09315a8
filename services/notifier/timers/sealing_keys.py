"""A new sealing key every week, and the end of the old ones."""

from collections.abc import Sequence

from services.notifier.context import Context, EdgeTransaction
from services.notifier.use_cases.keep_sealing_keys import (
    PLATFORM,
    SEALING_KEY_EXPIRY,
    SEALING_KEY_RENEWAL,
    keep_sealing_keys,
)
from shared.database import persistently
from shared.timer import Due
from shared.timer_loop import TimerLoop


def keep_keys_when_due(timers: TimerLoop[EdgeTransaction], context: Context) -> None:
    @timers.on(SEALING_KEY_RENEWAL, SEALING_KEY_EXPIRY)
    async def keep(due: Sequence[Due], tx: EdgeTransaction) -> None:
        await keep_sealing_keys(tx, context.generate_key, max(each.now for each in due))


async def keep_keys_at_start(context: Context) -> None:
    """The first start makes the first key; a start after a long stop makes the one that is due."""

    async def keep() -> None:
        async with context.begin() as tx:
            now = await tx.clocks.now(PLATFORM)
            await keep_sealing_keys(tx, context.generate_key, now)

    await persistently(keep)
