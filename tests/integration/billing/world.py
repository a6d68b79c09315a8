"""Billing on a real database, the gateway's stand-in as a process, and a clock that tests move."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx2
import orjson
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from services.billing.app import build
from services.billing.settings import Settings
from shared.contracts.customers import ApiKeyChanged, ApiKeyState, ClockState, ClockStepped
from shared.contracts.event import Change, EventContract
from shared.ids import PartnerId, new_id
from shared.process import Service, build_api
from shared.record import Record
from tests.standins.running import StandIn

PATIENCE_SECONDS = 20
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdA=="


@dataclass
class Billing:
    """One process of the service; two on one database are two replicas.

    `live` is the clock of live partners; a sandbox partner's is moved with `at`.
    """

    url: str
    service: Service
    gateway: StandIn
    http: httpx2.AsyncClient
    _steps: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _offsets: "itertools.count[int]" = field(default_factory=itertools.count)
    _partners: set[PartnerId] = field(default_factory=set)
    _loops: "list[asyncio.Task[None]]" = field(default_factory=list)

    async def at(self, partner: PartnerId, now: datetime) -> None:
        """It is `now` for the partner: what falls due happens, and the gateway answers."""
        await self._step(partner, now)
        await self.run()

    async def _step(self, partner: PartnerId, now: datetime) -> None:
        clock = ClockState(
            id=f"clk_{partner}",
            partner_id=partner,
            version=next(self._steps),
            step=next(self._steps),
            phase=0,
            round=0,
            now=now,
        )
        await self.hear(now, ClockStepped(clock=clock, change=_change(now)))

    async def steps_to(self, partner: PartnerId, now: datetime) -> None:
        """It is `now`, and nobody waits for what falls due to be done."""
        await self._step(partner, now)
        await self.service.timers.fire_due()

    async def together(self, other: "Billing", partner: PartnerId, now: datetime) -> None:
        """It is `now`, and two replicas fire and charge at the same time."""
        await self._step(partner, now)
        await asyncio.gather(self.run(), other.run())

    async def hear(self, at: datetime, *events: EventContract) -> None:
        await self.service.consumer.deliver([self.record(each, at) for each in events])

    async def run(self) -> None:
        """Until nothing is due and the gateway owes no answer."""
        while await self.service.timers.fire_due():
            await self.answered()
        await self.answered()
        while await self.service.timers.fire_due():
            await self.answered()

    async def answered(self) -> None:
        """While paused nothing is asked, so nobody waits for an answer."""
        if self._loops:
            await eventually(self._is_quiet, "the gateway's answers are taken in")

    async def _is_quiet(self) -> bool:
        async with self.service.transactions.begin() as tx:
            return not await tx.sql.fetch(self.service.open_effects)

    async def post(
        self, partner: PartnerId, path: str, body: Any, status: int = 200, key: str | None = None
    ) -> Any:
        """As the partner, with a key of its own."""
        headers = {
            "authorization": await self._credential(partner),
            "idempotency-key": key or new_id("k"),
        }
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, partner: PartnerId, path: str, status: int = 200) -> Any:
        answer = await self.http.get(
            path, headers={"authorization": await self._credential(partner)}
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    async def _credential(self, partner: PartnerId) -> str:
        secret = f"sk_test_{partner}"
        state = ApiKeyState(
            id=f"key_{partner}",
            partner_id=partner,
            version=1,
            hash=sha256(secret.encode()).hexdigest(),
            scopes=["billing:read", "billing:write"],
            status="active",
        )
        if partner not in self._partners:
            at = datetime(2026, 1, 1, tzinfo=UTC)
            await self.hear(at, ApiKeyChanged(api_key=state, change=_change(at)))
            self._partners.add(partner)
        return f"Bearer {secret}"

    async def rows(self, query: str, *args: Any) -> list[dict[str, Any]]:
        async with self.service.transactions.begin() as tx:
            return [dict(row) for row in await tx.sql.fetch(query, *args)]

    async def published(self, key: str) -> list[dict[str, Any]]:
        """What was said under this key, in order, with its type."""
        rows = await self.rows("select topic, payload from outbox where key = $1 order by seq", key)
        return [{"type": row["topic"], **orjson.loads(row["payload"])} for row in rows]

    async def balances(self) -> dict[str, int]:
        """What the ledger says of each account, those at zero left out."""
        rows = await self.rows(
            "select account, sum(amount_minor)::bigint as s from ledger_entries group by account"
        )
        return {row["account"]: row["s"] for row in rows if row["s"]}

    async def pause(self) -> None:
        """No intent is performed until `go_on`."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._loops.clear()

    def go_on(self) -> None:
        wake = self.service.transactions.wake
        self._loops += [asyncio.create_task(each.run(wake)) for each in self.service.intents]

    async def begin_anew(self) -> None:
        tables = await self.rows("select tablename from pg_tables where schemaname = 'public'")
        names = ", ".join(
            each["tablename"] for each in tables if each["tablename"] != "alembic_version"
        )
        async with self.service.transactions.begin() as tx:
            await tx.sql.execute(f"truncate {names} restart identity cascade")

    def record(self, event: EventContract, at: datetime) -> Record:
        event_id = str(uuid7())
        told = {
            "ce_specversion": "1.0",
            "ce_id": event_id,
            "ce_source": "/perennial/test",
            "ce_type": event.type,
            "ce_time": at.isoformat(),
            "ce_actor": "service:test",
            "ce_correlationid": event_id,
            "content-type": "application/json",
        }
        headers = tuple((name, value.encode()) for name, value in told.items())
        body = event.model_dump_json().encode()
        key = event.aggregate.key.encode()
        return Record(event.type, 0, next(self._offsets), key, body, headers)


def _change(at: datetime) -> Change:
    return Change(kind="test", actor="service:test", at=at)


async def eventually(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {PATIENCE_SECONDS} s: {what}")
        await asyncio.sleep(0.01)


@asynccontextmanager
async def running(
    url: str, gateway: StandIn, *, anew: bool = False, **told: Any
) -> AsyncIterator[Billing]:
    """What `main` starts, but for sockets and Kafka; the intents run, timers fire when asked.

    `anew`: nothing is left of what was.
    """
    settings = Settings(
        database_url=url,
        kafka_bootstrap="nowhere:9092",
        gateway_url=f"http://127.0.0.1:{gateway.port}",
        webhook_secret=SecretStr(SECRET),
        pool_size=6,
        **{
            "gateway_read_seconds": 1,
            "gateway_visible_after_seconds": 2.5,
            "look_after_seconds": (0.1, 0.3, 1, 1, 1),
            "lease_seconds": 5,
            **told,
        },
    )
    service = build(settings)
    transport = httpx2.ASGITransport(app=build_api(service), client=("203.0.113.7", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://billing") as http:
        billing = Billing(url, service, gateway, http)
        if anew:
            await billing.begin_anew()
        billing.go_on()
        yield billing
        await billing.pause()
    assert service.on_stop is not None
    await service.on_stop()
    await service.transactions.database.close()
