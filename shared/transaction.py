"""One unit of work on a service's database, with the kernel's tables at hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Flag, auto

from shared.clock import SqlClocks, system_now
from shared.clock_counters import ClockCounters
from shared.database import Database
from shared.held import Held
from shared.inbox import Inbox
from shared.outbox import Outbox
from shared.parking import Parking
from shared.sql import Sql
from shared.timer import Timers


class Sleeper:
    """One loop's bed: what wakes it while it works is not forgotten."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    def clear(self) -> None:
        self._woken.clear()

    async def sleep(self, at_most: float) -> None:
        """Until woken, or `at_most` seconds."""
        # Not wait_for: on Python 3.11 it swallows a cancellation that meets a waking, and the
        # loop never ends (python/cpython#86296).
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._woken.wait()


class Work(Flag):
    """What a commit may have left to do. A loop that is woken for nothing asks the database for
    nothing, and under load that was a good part of all transactions.
    """

    NONE = 0
    EVENTS = auto()
    TIMERS = auto()
    INTENTS = auto()
    ANY = EVENTS | TIMERS | INTENTS


class Wake:
    """Loops sleep here until a commit may have given them work; polling is their fallback."""

    def __init__(self) -> None:
        self._sleepers: list[tuple[Work, Sleeper]] = []

    def sleeper(self, work: Work = Work.ANY) -> Sleeper:
        """One that is woken for this work only."""
        sleeper = Sleeper()
        self._sleepers.append((work, sleeper))
        return sleeper

    def all(self, work: Work = Work.ANY) -> None:
        """Everybody who waits for any of this work."""
        for wanted, each in self._sleepers:
            if wanted & work:
                each.wake()


class Transaction:
    """What the kernel offers within one transaction; a service adds its repositories."""

    def __init__(self, sql: Sql, source: str, live: Callable[[], datetime]) -> None:
        self.sql = sql
        self.counters = ClockCounters(sql)
        self.clocks = SqlClocks(sql, live, source.rpartition("/")[2], self.counters)
        self.outbox = Outbox(sql, source, self.counters)
        self.inbox = Inbox(sql)
        self.parking = Parking(sql)
        self.timers = Timers(sql)
        self.held = Held(sql)
        self.intended = False

    @property
    def work(self) -> Work:
        """A clock that moved may have made timers due, and the outside's answers too."""
        found = Work.EVENTS if self.outbox.added else Work.NONE
        if self.timers.set_any or self.clocks.moved:
            found |= Work.TIMERS
        if self.intended or self.clocks.moved:
            found |= Work.INTENTS
        return found


class Transactions:
    """Begins them, and wakes the loops after a commit. `source` is `/perennial/<service>`.

    `sandbox_wake` is for what only sandbox partners need: live traffic does not stir it.
    """

    def __init__(
        self, database: Database, source: str, live: Callable[[], datetime] = system_now
    ) -> None:
        self.database = database
        self.wake = Wake()
        self.sandbox_wake = Wake()
        self.live = live
        self._source = source

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self.database.begin() as sql:
            transaction = Transaction(sql, self._source, self.live)
            yield transaction
            await transaction.counters.write()
        if transaction.work:
            self.wake.all(transaction.work)
        if transaction.clocks.moved or transaction.counters.any:
            self.sandbox_wake.all()
