"""The subscriptions service as it is deployed, on a real database, its loops under the test's hand."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import orjson
from joserfc.jwk import OKPKey

from services.subscriptions.adapters.published import to_state
from services.subscriptions.adapters.subscription_rows import from_row
from services.subscriptions.app import build
from services.subscriptions.settings import Settings
from shared.clock import system_now
from shared.contracts.event import Sealed
from shared.ids import PartnerId
from shared.process import Service, build_api
from shared.record import Record
from shared.sealing import open_sealed
from tests.integration.subscriptions import events
from tests.integration.subscriptions.panel import Panel

# Noon in Berlin on the last day of January: the billing day that February does not have.
JANUARY_31 = datetime(2027, 1, 31, 11, tzinfo=UTC)
FEBRUARY_28 = datetime(2027, 2, 27, 23, tzinfo=UTC)
MARCH_31 = datetime(2027, 3, 30, 22, tzinfo=UTC)
KEY = "sk_test_of_the_shop"
LIMIT_SECONDS = 15
HOSTING: dict[str, Any] = {
    "code": "hosting",
    "name": "Hosting",
    "interval": {"unit": "month", "count": 1},
    "trial_days": 0,
    "end_of_term": "suspend",
    "products": [
        {"code": "space", "name": "Web space", "prices_minor": {"EUR": 1000, "USD": 1100}},
        {"code": "domain", "name": "Domain name", "prices_minor": {"EUR": 250}},
    ],
}
Row = dict[str, Any]


@dataclass
class Subscriptions:
    """One process of the service; two on one database are two replicas."""

    url: str
    service: Service
    panel: Panel
    http: httpx2.AsyncClient
    now: datetime = JANUARY_31
    steps: int = 0
    sealing: OKPKey = field(default_factory=lambda: OKPKey.generate_key("X25519"))

    async def hear(self, *records: Record) -> None:
        await self.service.consumer.deliver(records)

    async def move_to(self, now: datetime, *partners: PartnerId) -> None:
        """The sandbox's clock is set, and what has become due fires."""
        self.now, self.steps = now, self.steps + 1
        await self.hear(
            *(events.clock(now, self.steps, each) for each in partners or (events.SHOP,))
        )
        while await self.service.timers.fire_due():
            pass

    async def know_a_sealing_key(self) -> None:
        public = self.sealing.as_dict(private=False)
        until = system_now() + timedelta(days=14)
        await self.hear(events.sealing_key("seal-1", public, system_now(), until))

    def opened(self, sealed: dict[str, Any]) -> dict[str, str]:
        """What the notifier reads."""
        return open_sealed(
            Sealed.model_validate_json(orjson.dumps(sealed)), self.sealing.as_dict(private=True)
        )

    async def tell_the_panel(self) -> None:
        """Until the panel has been told everything."""
        async with self.telling():
            await self.until(self._nothing_is_open)

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
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

    async def tell_the_panel_but(self, before_settling: Callable[[], Awaitable[object]]) -> None:
        """One call, in whose middle something else happens: the panel has done it, we have not
        heard of it yet.
        """
        [loop] = self.service.intents
        for call in await loop._claim(1):  # noqa: SLF001  the loop itself leaves no room between
            outcome = await loop._perform(call)  # noqa: SLF001
            await before_settling()
            await loop._settle([(call, outcome)])  # noqa: SLF001

    async def any_row(self, table: str, condition: str) -> bool:
        return bool(await self.rows(f"select 1 from {table} where {condition}"))  # noqa: S608

    async def _nothing_is_open(self) -> bool:
        async with self.service.transactions.begin() as tx:
            return not await tx.sql.fetch(self.service.open_effects)

    async def created(self, **told: Any) -> str:
        """Of a checkout of its own: the panel keeps its accounts from test to test."""
        name = secrets.token_hex(6)
        await self.hear(events.accepted(name, self.now, **told))
        return events.subscription_id(name)

    async def paid(self, **told: Any) -> str:
        """Its first period is opened; the standing is at version 1."""
        made = await self.created(**told)
        await self.hear(events.opened(made, 0, 1, self.now, FEBRUARY_28))
        return made

    async def activated(self, **told: Any) -> str:
        """Paid, opened at the panel, and running."""
        made = await self.paid(**told)
        await self.tell_the_panel()
        return made

    async def told(self, subject: str, *topics: str) -> list[Row]:
        """What was published of one aggregate, in order: topic, version and body."""
        rows = await self.rows(
            "select topic, version, key, headers, payload from outbox where subject = $1"
            " order by seq",
            subject,
        )
        return [
            {
                **each,
                "headers": orjson.loads(each["headers"]),
                "body": orjson.loads(each["payload"]),
            }
            for each in rows
            if not topics or each["topic"] in topics
        ]

    async def topics(self, subject: str) -> list[str]:
        return [each["topic"] for each in await self.told(subject)]

    async def timers(self, subject: str) -> dict[str, datetime]:
        """The deadlines that are still to come."""
        rows = await self.rows(
            "select kind, due_at from timers where subject = $1 and fired_at is null", subject
        )
        return {each["kind"]: each["due_at"] for each in rows}

    async def rows(self, query: str, *args: Any) -> list[Row]:
        async with self.service.transactions.begin() as tx:
            return [dict(row) for row in await tx.sql.fetch(query, *args)]

    async def get(self, path: str, key: str = KEY) -> httpx2.Response:
        return await self.http.get(path, headers={"authorization": f"Bearer {key}"})

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str = KEY, once: str | None = None
    ) -> httpx2.Response:
        """`once` is the Idempotency-Key; without it every request is an intent of its own."""
        headers = {
            "authorization": f"Bearer {key}",
            "idempotency-key": once or f"intent-{time.monotonic_ns()}",
        }
        return await self.http.request(method, path, json=body, headers=headers)

    async def shown(self, subscription: str) -> Row:
        answer = await self.get(f"/v1/subscriptions/{subscription}")
        assert answer.status_code == 200, answer.text
        found: Row = answer.json()
        return found

    async def begin_anew(self) -> None:
        """Nothing is left of what was; a shop that sells hosting, and the notifier's key."""
        tables = await self.rows("select tablename from pg_tables where schemaname = 'public'")
        names = ", ".join(
            each["tablename"] for each in tables if each["tablename"] != "alembic_version"
        )
        async with self.service.transactions.begin() as tx:
            await tx.sql.execute(f"truncate {names} restart identity cascade")
        self.panel.obey_no_rules()
        self.steps = 0
        await self.move_to(JANUARY_31, events.SHOP, events.OTHER)
        await self.hear(events.api_key(KEY, JANUARY_31))
        await self.know_a_sealing_key()
        await self.sell(HOSTING)

    async def sell(self, offer: Row, **changes: Any) -> Row:
        answer = await self.send("POST", "/v1/offers", offer | changes)
        assert answer.status_code == 201, answer.text
        found: Row = answer.json()
        return found

    async def require_honest_books(self) -> None:
        """What is stored is what was last said, and versions have no gap, here and in the history."""
        last = {
            row["subject"]: orjson.loads(row["payload"])["subscription"]
            for row in await self.rows(
                "select subject, payload from outbox where aggregate = 'subscription' order by seq"
            )
        }
        for row in await self.rows("select * from subscriptions"):
            stored = to_state(from_row(row)).model_dump(mode="json")
            assert stored == last[row["id"]], f"{row['id']} is not what was said"
        gaps = await self.rows(
            """
            select subject from outbox group by aggregate, subject
            having min(version) <> 1 or max(version) <> count(*)
            union all
            select subscription_id from subscription_history group by subscription_id
            having min(version) <> 1 or max(version) <> count(*)"""
        )
        assert gaps == []


@asynccontextmanager
async def running(url: str, panel: Panel) -> AsyncIterator[Subscriptions]:
    """What `main` starts, but for sockets and Kafka."""
    settings = Settings(
        database_url=url,
        kafka_bootstrap="nowhere:9092",
        panel_url=panel.url,
        panel_timeout_seconds=2,
        pool_size=4,
    )
    service = build(settings)
    assert service.on_stop is not None
    transport = httpx2.ASGITransport(app=build_api(service))
    async with httpx2.AsyncClient(transport=transport, base_url="http://subscriptions") as http:
        yield Subscriptions(url, service, panel, http)
    await service.on_stop()
    await service.transactions.database.close()
