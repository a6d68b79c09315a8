"""How often a loop looks for work: for one that nobody waits for, fewer and larger sets."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

BURST_SECONDS = 2


class Pace:
    """So many turns a second on average; after a rest as many at once as two seconds bring.

    A loop that is always prompt takes each event by itself while the machine keeps up, which costs
    a poll and a transaction each; in a test clock's stops, where somebody waits, the burst serves.
    """

    def __init__(
        self,
        turns_a_second: float = math.inf,
        *,
        elapsed: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._apart = 1 / turns_a_second
        self._next = 0.0
        self._elapsed = elapsed
        self._sleep = sleep

    async def turn(self) -> bool:
        """Return when the next turn may begin; whether it had to wait for that."""
        ahead = self._next - self._elapsed() - BURST_SECONDS
        if ahead > 0:
            await self._sleep(ahead)
        self._next = max(self._next, self._elapsed()) + self._apart
        return ahead > 0
