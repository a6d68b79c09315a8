"""The notifier as it is deployed, on an empty database, with its loops under the test's hand."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import orjson
from pydantic import SecretStr

from services.notifier.adapters.private_key_repository import generate_key
from services.notifier.adapters.sql_transaction import begin_with
from services.notifier.app import build
from services.notifier.settings import Settings
from services.notifier.use_cases.keep_sealing_keys import keep_sealing_keys
from shared.closed_secrets import Lock
from shared.contracts.event import Sealed
from shared.migrations import upgrade
from shared.process import Service, build_api
from shared.record import Record
from shared.sealing import SealingKey, seal
from tests.integration.notifier.events import END, clock
from tests.integration.notifier.mailboxes import Mailboxes

LIMIT_SECONDS = 15
CREDENTIALS = {"username": "u", "password": "p", "url": "https://panel.example/"}
Row = dict[str, Any]


@dataclass
class Notifier:
    service: Service
    mailboxes: Mailboxes
    steps: int = field(default=0)

    async def hear(self, *records: Record) -> None:
        await self.service.consumer.deliver(records)

    async def let_time_pass(self, now: Any) -> None:
        """The sandbox's clock is set, and what has become due fires."""
        self.steps += 1
        await self.hear(clock(now, self.steps))
        while await self.service.timers.fire_due():
            pass

    async def mail(self) -> None:
        """Send until nothing is left to send."""
        async with self.mailing():
            await self.until(self._nothing_is_open)

    @asynccontextmanager
    async def mailing(self) -> AsyncIterator[None]:
        loops = [
            asyncio.create_task(each.run(self.service.transactions.wake))
            for each in self.service.intents
        ]
        try:
            yield
        finally:
            for each in loops:
                each.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not await holds():
            assert time.monotonic() < deadline, "it did not come to pass"
            await asyncio.sleep(0.02)

    async def rows(self, query: str, *args: Any) -> list[Row]:
        async with self.service.transactions.begin() as tx:
            return [dict(each) for each in await tx.sql.fetch(query, *args)]

    async def messages(self) -> dict[str, tuple[str, str | None]]:
        """State and detail by template."""
        rows = await self.rows("select template, state, detail from messages order by n")
        return {each["template"]: (each["state"], each["detail"]) for each in rows}

    async def published(self, *types: str) -> list[Row]:
        rows = await self.rows(
            "select topic, version, key, payload from outbox where topic = any($1) order by seq",
            list(types),
        )
        return [{**each, "body": orjson.loads(each["payload"])} for each in rows]

    async def sealed(self, **secret: str) -> Sealed:
        """A secret as the subscriptions service would seal it; without one, some credentials."""
        [told, *_] = (await self.published("sealing_key.published"))[::-1]
        key = told["body"]["sealing_key"]
        public = SealingKey(key["kid"], key["jwk"], END)
        return seal(secret or CREDENTIALS, public, END)

    async def keep_keys(self, now: datetime) -> None:
        """It is `now` for the keys: a new one is made, an old one destroyed, if it is time."""
        begin = begin_with(self.service.transactions, "perennial.example", Lock(None, ""))
        async with begin() as tx:
            await keep_sealing_keys(tx, generate_key, now)

    def client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=build_api(self.service))
        return httpx2.AsyncClient(transport=transport, base_url="http://notifier")

    async def _nothing_is_open(self) -> bool:
        async with self.service.transactions.begin() as tx:
            return not await tx.sql.fetch(self.service.open_effects)


@asynccontextmanager
async def at_work(
    database_url: str, mailboxes: Mailboxes, secret: str | None = None
) -> AsyncIterator[Notifier]:
    await upgrade(database_url, "notifier")
    settings = Settings(
        database_url=database_url,
        kafka_bootstrap="unused:1",
        port=1,
        ops_port=1,
        smtp_host="127.0.0.1",
        smtp_port=mailboxes.live.smtp_port,
        sandbox_smtp_host="127.0.0.1",
        sandbox_smtp_port=mailboxes.sandbox.smtp_port,
        sealing_key_secret=SecretStr(secret) if secret else None,
    )
    service = build(settings)
    assert service.on_start is not None
    assert service.on_stop is not None
    await service.on_start()
    yield Notifier(service, mailboxes)
    await service.on_stop()
    await service.transactions.database.close()
