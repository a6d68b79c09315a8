"""Fires due timers in sets, each set in one transaction; one that fails does not stop the rest."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeAlias, TypeVar

from shared.clock import system_now
from shared.database import passes_without_us, persistently
from shared.telemetry import FIRED
from shared.timer import Due, Timers
from shared.transaction import TIMERS, Wake

log = logging.getLogger(__name__)
LIMIT = 1000
BACK_OFF = (1, 5, 30, 120, 600, 3600)
POLL_SECONDS = 0.5


class HasTimers(Protocol):
    @property
    def timers(self) -> Timers: ...


Tx = TypeVar("Tx", bound=HasTimers)
Fire = Callable[[Sequence[Due], Tx], Awaitable[None]]
Barrier: TypeAlias = Callable[[], Awaitable[None]]


class TimerLoop(Generic[Tx]):
    """`on(kind)` registers what a kind does. `before_fire` may hold the loop back, as billing does
    until it has heard what was decided before the instant.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractAsyncContextManager[Tx]],
        live: Callable[[], datetime] = system_now,
    ) -> None:
        self._begin = begin
        self._live = live
        self._handlers: dict[str, Fire[Tx]] = {}
        self.before_fire: dict[str, Barrier] = {}

    def on(self, *kinds: str) -> Callable[[Fire[Tx]], Fire[Tx]]:
        def register(fire: Fire[Tx]) -> Fire[Tx]:
            for kind in kinds:
                if kind in self._handlers:
                    raise ValueError(f"timer {kind} has a handler already")
                self._handlers[kind] = fire
            return fire

        return register

    async def run(self, wake: Wake) -> None:
        sleeper = wake.sleeper(TIMERS)
        while True:
            sleeper.clear()
            try:
                fired = await self.fire_due()
            except Exception:
                log.exception("timers.failed")
                fired = 0
                await asyncio.sleep(1)
            if not fired:
                await sleeper.sleep(POLL_SECONDS)

    async def fire_due(self) -> int:
        """Fire one set; how many timers fired or were put off."""
        fired, barriers = await self._fire_persistently(held_back=True)
        if not barriers:
            return fired
        for barrier in barriers:
            await barrier()
        fired, _ = await self._fire_persistently(held_back=False)
        return fired

    async def _fire_persistently(self, *, held_back: bool) -> tuple[int, set[Barrier]]:
        try:
            return await persistently(lambda: self._fire(held_back=held_back))
        except Exception as error:
            if passes_without_us(error):
                raise
            log.warning("timers.fired_one_by_one", extra={"error": repr(error)})
            return await self._one_by_one(), set()

    async def _fire(self, *, held_back: bool) -> tuple[int, set[Barrier]]:
        """How many fired; if some must wait for something first, none, and for what."""
        async with self._begin() as tx:
            live, now = self._live(), system_now()
            if held_back and (barriers := await self._barriers(tx, live, now)):
                return 0, barriers
            due = await tx.timers.claim(live, now, list(self._handlers), LIMIT)
            await self._hand_out(due, tx)
        for each in due:
            FIRED.labels(each.timer.kind, "fired").inc()
        return len(due), set()

    async def _barriers(self, tx: Tx, live: datetime, now: datetime) -> set[Barrier]:
        if not self.before_fire:
            return set()
        kinds = await tx.timers.due_kinds(live, now, list(self.before_fire), LIMIT)
        return {self.before_fire[kind] for kind in kinds}

    async def _hand_out(self, due: Sequence[Due], tx: Tx) -> None:
        """In due order, but what is due at one instant and of one kind goes as a set."""
        sets: defaultdict[tuple[datetime, str], list[Due]] = defaultdict(list)
        for each in due:
            sets[each.timer.due_at, each.timer.kind].append(each)
        for (_, kind), of_kind in sets.items():
            await self._handlers[kind](of_kind, tx)

    async def _one_by_one(self) -> int:
        """The faulty timer is put off with its reason; the others go their way."""
        fired = 0
        for _ in range(LIMIT):
            due: list[Due] = []
            try:
                async with self._begin() as tx:
                    due = await tx.timers.claim(self._live(), system_now(), list(self._handlers), 1)
                    await self._hand_out(due, tx)
            except Exception as error:
                if passes_without_us(error) or not due:
                    raise
                log.exception("timer.failed", extra={"kind": due[0].timer.kind})
                await self._put_off(due[0], repr(error))
            if not due:
                return fired
            fired += 1
        return fired

    async def _put_off(self, due: Due, detail: str) -> None:
        seconds = BACK_OFF[min(due.attempts, len(BACK_OFF) - 1)]
        async with self._begin() as tx:
            await tx.timers.postpone(due, system_now() + timedelta(seconds=seconds), detail)
        FIRED.labels(due.timer.kind, "failed").inc()
