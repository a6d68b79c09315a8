"""The customers service on a real database, spoken to as the world speaks to it."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from services.customers.app import build
from services.customers.settings import Settings
from shared.contracts.event import EventContract
from shared.ids import new_id
from shared.process import Service, build_api
from shared.record import Record

ADMIN = "administrator-of-this-test"
SHOP = "https://shop.example/checkout"
FROZEN = "2027-01-31T12:00:00+00:00"
Header = tuple[str, bytes | None]


@dataclass
class Partner:
    """A partner as its owner holds it."""

    id: str
    key: str
    clock_id: str | None


@dataclass
class Customers:
    """One process of the service; two on one database are two replicas."""

    url: str
    service: Service
    http: httpx2.AsyncClient
    _offsets: "itertools.count[int]" = field(default_factory=itertools.count)

    async def post(self, path: str, body: Any, key: str = ADMIN, **headers: str) -> httpx2.Response:
        return await self.http.post(path, json=body, headers=_bearer(key) | headers)

    async def get(self, path: str, key: str) -> httpx2.Response:
        return await self.http.get(path, headers=_bearer(key))

    async def patch(self, path: str, body: Any, key: str) -> httpx2.Response:
        return await self.http.patch(path, json=body, headers=_bearer(key))

    async def partner(self, *, sandbox: bool = True, **changes: Any) -> Partner:
        profile: dict[str, Any] = {
            "name": "Acme Television",
            "sandbox": sandbox,
            "timezone": "Europe/Berlin",
            "country": "DE",
            "currency": "EUR",
            "support_email": "help@acme.example.com",
        }
        if sandbox:
            profile["frozen_time"] = FROZEN
        answer = await self.post("/v1/partners", profile | changes)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        clock = made["test_clock"]
        return Partner(made["id"], made["api_key"], clock and clock["id"])

    async def shop(self, partner: Partner, source: str = SHOP, **options: Any) -> dict[str, Any]:
        answer = await self.post("/v1/sources", {"source": source, **options}, partner.key)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def deliver(self, *records: Record) -> None:
        await self.service.consumer.deliver(records)

    async def upstream(self, *bodies: dict[str, Any]) -> None:
        """Each as an event of its own, in one poll."""
        await self.deliver(*(self.record(each) for each in bodies))

    async def hear(self, *events: EventContract) -> None:
        """What the other services say."""
        await self.deliver(*(self.told(each) for each in events))

    def record(
        self,
        body: Any,
        *,
        event_id: str | None = None,
        source: str = SHOP,
        key: bytes | None = None,
        headers: Sequence[Header] = (),
    ) -> Record:
        """A checkout in binary mode; `headers` come last."""
        value = body if isinstance(body, bytes) else orjson.dumps(body)
        usual: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("ce_id", (event_id or new_id("evt")).encode()),
            ("ce_source", source.encode()),
            ("ce_type", b"checkout.completed"),
            ("content-type", b"application/json"),
        ]
        return self.raw("checkout.completed", key, value, (*usual, *headers))

    def raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header]
    ) -> Record:
        return Record(topic, 0, next(self._offsets), key, value, tuple(headers))

    def told(self, event: EventContract, event_id: str | None = None) -> Record:
        state = event.aggregate
        headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("ce_id", (event_id or str(uuid7())).encode()),
            ("ce_source", b"/perennial/subscriptions"),
            ("ce_type", event.type.encode()),
            ("ce_actor", b"service:subscriptions"),
            ("ce_correlationid", b"story-1"),
            ("content-type", b"application/json"),
        ]
        return self.raw(event.type, state.key.encode(), event.model_dump_json().encode(), headers)

    def from_outbox(self, row: dict[str, Any]) -> Record:
        """What the relay would have sent."""
        headers = [(name, text.encode()) for name, text in orjson.loads(row["headers"]).items()]
        return self.raw(row["topic"], row["key"].encode(), bytes(row["payload"]), headers)

    async def outbox(self, *topics: str) -> list[dict[str, Any]]:
        """Bodies in the order of their decision, with their headers under `ce`."""
        rows = await self.rows("select topic, headers, payload, version from outbox order by seq")
        return [
            {
                "type": row["topic"],
                "version": row["version"],
                "ce": orjson.loads(row["headers"]),
                **orjson.loads(bytes(row["payload"])),
            }
            for row in rows
            if not topics or row["topic"] in topics
        ]

    async def said(self, *topics: str) -> list[str]:
        """The types alone, without what every partner and start says."""
        return [each["type"] for each in await self.outbox(*topics)]

    async def letters(self) -> list[tuple[str, str]]:
        """State and reason of everything that was put aside."""
        rows = await self.rows("select state, reason from parked order by n")
        return [(row["state"], row["reason"]) for row in rows]

    async def begin_anew(self) -> None:
        """Nothing is left of what was, and the service starts."""
        tables = await self.rows("select tablename from pg_tables where schemaname = 'public'")
        names = ", ".join(
            each["tablename"] for each in tables if each["tablename"] != "alembic_version"
        )
        async with self.service.transactions.begin() as tx:
            await tx.sql.execute(f"truncate {names} restart identity cascade")
        assert self.service.on_start is not None
        await self.service.on_start()

    async def rows(self, query: str, *args: Any) -> list[dict[str, Any]]:
        async with self.service.transactions.begin() as tx:
            return [dict(row) for row in await tx.sql.fetch(query, *args)]


@asynccontextmanager
async def running(url: str, key_secret: str | None = None) -> AsyncIterator[Customers]:
    """What `main` starts, but for sockets and Kafka."""
    settings = Settings(
        database_url=url,
        kafka_bootstrap="nowhere:9092",
        admin_token=SecretStr(ADMIN),
        pool_size=4,
        key_secret=SecretStr(key_secret) if key_secret else None,
    )
    service = build(settings)
    transport = httpx2.ASGITransport(app=build_api(service), client=("203.0.113.7", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://customers") as http:
        yield Customers(url, service, http)
    await service.transactions.database.close()


def a_checkout(name: str = "1", **changes: Any) -> dict[str, Any]:
    """A sound one of a person of its own."""
    return {
        "checkout_id": f"shop-{name}",
        "customer": {
            "reference": f"user-{name}",
            "name": "Ada Okafor",
            "email": f"{name}@example.org",
        },
        "offer": "tv-basic",
        "currency": "EUR",
        "payment": {
            "status": "captured",
            "gateway": "cards",
            "reference": f"ch_{name}",
            "amount_minor": 1299,
            "currency": "EUR",
        },
        **changes,
    }


def a_person(**changes: Any) -> dict[str, Any]:
    return {"name": "Ada Okafor", "email": "ada@example.org", **changes}


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}
