"""Clocks that may be standing still, looked at in real time."""

from collections.abc import Sequence

from services.customers.context import Context, EdgeTransaction
from services.customers.use_cases.watch_clocks import CLOCK_WATCH, watch_clocks
from shared.timer import Due
from shared.timer_loop import TimerLoop


def fire_clock_watches(timers: TimerLoop[EdgeTransaction], context: Context) -> None:
    @timers.on(CLOCK_WATCH)
    async def look(due: Sequence[Due], tx: EdgeTransaction) -> None:
        watched = [(each.timer.subject, each.origin) for each in due]
        await watch_clocks(watched, tx, context.followers, context.live_now())
