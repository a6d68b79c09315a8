"""Ends a process whose consumer stands still while records wait."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 5
STUCK_EXIT_CODE = 70


class Watchdog:
    """The client may stay alive and read no more (aio-libs/aiokafka#1154, #847, #625), and a static
    group member that hangs is not replaced by anybody: a supervisor must start the process anew.

    `behind` counts the records that wait; `excused` is true while there is a reason to stand still.
    """

    def __init__(
        self,
        behind: Callable[[], Awaitable[int]],
        excused: Callable[[], bool],
        stuck_after: float,
        exit_process: Callable[[int], object] = os._exit,
    ) -> None:
        self._behind = behind
        self._excused = excused
        self._stuck_after = stuck_after
        self._exit = exit_process
        self._moved_at = time.monotonic()

    def moved(self) -> None:
        self._moved_at = time.monotonic()

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(min(LOOK_EVERY_SECONDS, self._stuck_after / 3))
            try:
                waiting = await self._behind()
            except Exception as error:  # noqa: BLE001  a broker that is away is not our standstill
                log.warning("watchdog.blind", extra={"error": repr(error)})
                waiting = 0
            if not waiting or self._excused():
                self.moved()
            elif time.monotonic() - self._moved_at > self._stuck_after:
                log.critical("consumer.stuck", extra={"waiting": waiting})
                self._exit(STUCK_EXIT_CODE)
