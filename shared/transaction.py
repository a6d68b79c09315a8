"""One unit of work on a service's database, with the kernel's tables at hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

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


# What a commit may have left to do, beside the intents of one queue by the queue's name. A loop that
# is woken for nothing asks the database for nothing, and that was a good part of all transactions.
EVENTS = "events"
TIMERS = "timers"
INTENTS = "intents of every queue"
SOON = timedelta(seconds=1)


class Wake:
    """Loops sleep here until a commit may have given them work; polling is their fallback."""

    def __init__(self) -> None:
        self._sleepers: list[tuple[frozenset[str], Sleeper]] = []

    def sleeper(self, *work: str) -> Sleeper:
        """One that is woken for this work only; without any, for all."""
        sleeper = Sleeper()
        self._sleepers.append((frozenset(work), sleeper))
        return sleeper

    def all(self, *work: str) -> None:
        """Everybody who waits for any of this work; without any, everybody."""
        for wanted, each in self._sleepers:
            if not work or not wanted or not wanted.isdisjoint(work):
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
        self._live = live
        self._queues: set[str] = set()

    def intend(self, queue: str) -> None:
        """There is something to do outside, in the queue of this name."""
        self._queues.add(queue)

    @property
    def work(self) -> set[str]:
        """A clock that moved may have made timers due, and the outside's answers too."""
        found = set(self._queues)
        if self.outbox.added:
            found.add(EVENTS)
        if self.clocks.moved or self.timers.any_until(self._live() + SOON):
            found.add(TIMERS)
        if self.clocks.moved:
            found.add(INTENTS)
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
    async def begin(self, *, in_sets: bool = False) -> AsyncIterator[Transaction]:
        """`in_sets`, for consumers and intents: see `Database.begin`."""
        async with self.database.begin(in_sets=in_sets) as sql:
            transaction = Transaction(sql, self._source, self.live)
            yield transaction
            await transaction.counters.write()
        if work := transaction.work:
            self.wake.all(*work)
        if transaction.clocks.moved or transaction.counters.any:
            self.sandbox_wake.all()
