"""Calls to the outside: claim an intent, call with no transaction open, settle the outcome."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.database import persistently
from shared.pace import Pace
from shared.transaction import INTENTS, Wake

log = logging.getLogger(__name__)
Intent = TypeVar("Intent")
Outcome = TypeVar("Outcome")
POLL_SECONDS = 0.5
DRAIN_SECONDS = 15


class IntentLoop(Generic[Intent, Outcome]):
    """`claim(limit)` marks intents as under way with a lease and commits; `perform` calls outside
    and turns every failure into an outcome; `settle` records outcomes in one transaction, guarded
    by the lease. After a crash the lease runs out and the intent is claimed again, so `perform`
    must carry a key by which the outside knows a repeat. Where a settlement lets go of what
    waited behind a lease, it has to intend that anew.
    """

    def __init__(
        self,
        name: str,
        claim: Callable[[int], Awaitable[Sequence[Intent]]],
        perform: Callable[[Intent], Awaitable[Outcome]],
        settle: Callable[[Sequence[tuple[Intent, Outcome]]], Awaitable[None]],
        *,
        at_once: int = 32,
        turns_a_second: float = math.inf,
    ) -> None:
        """`turns_a_second`: so many claims at most, as long as they are not full, and so many
        settlements.
        """
        self.name = name
        self._claim = claim
        self._perform = perform
        self._settle = settle
        self._at_once = at_once
        self._under_way: set[asyncio.Task[None]] = set()
        self._finished: list[tuple[Intent, Outcome]] = []
        self._settled = asyncio.Event()
        self._claiming, self._settling = Pace(turns_a_second), Pace(turns_a_second)

    async def run(self, wake: Wake) -> None:
        sleeper = wake.sleeper(INTENTS, self.name)
        settling = asyncio.create_task(self._settle_finished())
        try:
            while True:
                sleeper.clear()
                if not await self._claim_some():
                    await sleeper.sleep(POLL_SECONDS)
                    await self._claiming.turn()
        finally:
            await self._finish_calls()
            settling.cancel()

    async def _finish_calls(self) -> None:
        """An orderly end leaves no call without its outcome, as far as it does not last too long."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
        for task in self._under_way:
            task.cancel()
        if self._finished:
            finished, self._finished = self._finished, []
            await self._settle_singly(finished)

    async def _claim_some(self) -> bool:
        """Whether there may be more to claim at once."""
        free = self._at_once - len(self._under_way)
        if free <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return True
        try:
            intents = await persistently(lambda: self._claim(free))
        except Exception:
            log.exception("intents.claim_failed", extra={"intents": self.name})
            await asyncio.sleep(1)
            return False
        for intent in intents:
            task = asyncio.create_task(self._one(intent))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(intents) >= free

    async def _one(self, intent: Intent) -> None:
        try:
            outcome = await self._perform(intent)
        except Exception:
            # The lease runs out and somebody asks again; nothing is known, so nothing is settled.
            log.exception("intents.perform_failed", extra={"intents": self.name})
            return
        self._finished.append((intent, outcome))
        self._settled.set()

    async def _settle_finished(self) -> None:
        """All that finished while the last transaction ran are settled in the next one."""
        while True:
            await self._settled.wait()
            await self._settling.turn()
            self._settled.clear()
            finished, self._finished = self._finished, []
            try:
                await persistently(lambda done=finished: self._settle(done))  # type: ignore[misc]
            except Exception:
                log.exception("intents.settle_failed", extra={"intents": self.name})
                await self._settle_singly(finished)

    async def _settle_singly(self, finished: Sequence[tuple[Intent, Outcome]]) -> None:
        for each in finished:
            try:
                await persistently(lambda one=each: self._settle([one]))  # type: ignore[misc]
            except Exception:
                log.exception("intents.settle_failed", extra={"intents": self.name})
