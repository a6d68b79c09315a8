"""One service as it is built, on its own database, that may crash at any commit and comes again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx2

from shared.consumer import Unavailable
from shared.database import is_transient, persistently
from shared.intents import IntentLoop
from shared.process import Service, build_api
from tests.model.bus import Bus, Reader
from tests.model.trouble import Crash, Trouble, TroubledDatabase

Call = tuple[IntentLoop[Any, Any], Any, Any]


@dataclass
class Process:
    """`sql` looks at the database from outside, past every fault. `answered` are calls to the
    outside whose answers are in this process's memory and nowhere else.
    """

    name: str
    make: Callable[[], Service]
    bus: Bus
    sql: "asyncpg.Connection[asyncpg.Record]"
    trouble: Trouble = field(default_factory=Trouble)
    answered: list[Call] = field(default_factory=list)
    crashes: int = 0
    service: Service = field(init=False)
    http: httpx2.AsyncClient = field(init=False)
    reader: Reader = field(init=False)
    before_fire: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)

    def forget_figures(self) -> None:
        self.crashes = self.trouble.commits = 0
        self.trouble.met.clear()
        self.reader.delivered = self.reader.repeated = 0

    def start(self) -> None:
        self._build()
        self.reader = Reader(self.bus, self.service.consumer.topics)

    def _build(self) -> None:
        self.service = self.make()
        transactions = self.service.transactions
        transactions.database = TroubledDatabase(transactions.database.url, self.trouble)
        self.service.timers.before_fire.update(self.before_fire)
        transport = httpx2.ASGITransport(app=build_api(self.service), client=("203.0.113.7", 40000))
        self.http = httpx2.AsyncClient(transport=transport, base_url=f"http://{self.name}")

    async def begin(self) -> None:
        """What a process does when it starts."""
        if self.service.on_start:
            await self.service.on_start()

    async def stop(self) -> None:
        await self.http.aclose()
        await self.service.transactions.database.close()
        await self.sql.close()

    async def crash(self) -> None:
        """All that it had in its memory is gone; what it had not committed to the bus comes again."""
        self.crashes += 1
        self.trouble.plan(None)
        self.answered.clear()
        await self.http.aclose()
        await self.service.transactions.database.close()
        self._build()
        await self.begin()
        self.reader.rewind()

    async def survive(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Do it as the process's loops would; False where it came to nothing for now."""
        try:
            await work()
        except Crash:
            await self.crash()
            return False
        except Unavailable:
            self.reader.rewind()
            return False
        except Exception as error:
            if not is_transient(error):
                raise
            return False
        return True

    async def call_outside(self, loop: IntentLoop[Any, Any]) -> int:
        """Claim what is to be called and call; the answers wait to be settled."""
        claimed: Sequence[Any] = await persistently(lambda: loop._claim(32))  # noqa: SLF001  step by step
        for intent in claimed:
            self.answered.append((loop, intent, await loop._perform(intent)))  # noqa: SLF001
        return len(claimed)

    async def settle(self, calls: Sequence[Call]) -> None:
        """As the loop does: all of one kind in one transaction."""
        for loop in {id(each[0]): each[0] for each in calls}.values():
            done = [(intent, outcome) for of, intent, outcome in calls if of is loop]
            await persistently(lambda of=loop, all_of_it=done: of._settle(all_of_it))  # type: ignore[misc]  # noqa: SLF001
