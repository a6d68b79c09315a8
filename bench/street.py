"""The four services and the stand-ins as processes on a real broker, and a shop that sells."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.broker import running_broker
from bench.run import Run, Stopwatch
from deploy.demo.api import Api, furnish
from deploy.demo.cast import OFFER
from deploy.platform import SERVICES, Platform, Ports, Secrets
from deploy.topics import declared_topics, make_topics

PORT_SHIFT = int(os.environ.get("PERENNIAL_PORT_SHIFT", "16000"))
PARTITIONS = 4
CHECKOUT = "checkout.completed"
DONE = "subscription.activated"


@dataclass
class Street:
    """`activated` is when (by this process's clock) a checkout was seen to be activated."""

    platform: Platform
    api: Api
    source: str
    started_in: float
    broker_pid: int | None
    producer: AIOKafkaProducer
    activated: dict[str, float] = field(default_factory=dict)

    def pids(self) -> dict[str, int]:
        names = (*SERVICES, "gateway", "panel", "mailbox")
        found = {name: self.platform.processes.pid(name) for name in names}
        return found | ({"Kafka": self.broker_pid} if self.broker_pid is not None else {})

    async def publish(self, name: str) -> None:
        """One checkout, paid by a method on file; returns when the broker has it."""
        await self.producer.send_and_wait(CHECKOUT, _body(name), headers=self._headers(name))

    async def flood(self, names: Sequence[str]) -> None:
        for name in names:
            await self.producer.send(CHECKOUT, _body(name), headers=self._headers(name))
        await self.producer.flush()

    async def all_activated(self, names: Sequence[str], patience: float) -> bool:
        deadline = time.monotonic() + patience
        missing = set(names)
        while missing and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
            missing -= self.activated.keys()
        return not missing

    def _headers(self, name: str) -> list[tuple[str, bytes]]:
        told = {
            "ce_specversion": "1.0",
            "ce_id": f"evt-{name}",
            "ce_source": self.source,
            "ce_type": CHECKOUT,
            "content-type": "application/json",
        }
        return [(header, value.encode()) for header, value in told.items()]


@asynccontextmanager
async def opened_street(run: Run) -> AsyncIterator[Street]:
    with running_broker(run.directory) as (bootstrap, broker_pid):
        await make_topics(
            declared_topics(partitions=PARTITIONS, replication=1), bootstrap=bootstrap
        )
        platform = Platform(
            run.directory,
            run.admin_url,
            bootstrap,
            Ports.usual(PORT_SHIFT),
            Secrets.made(),
            # Its throttle is for the broker that forgets; this one keeps what it is given.
            embedded=False,
        )
        await platform.prepare()
        watch = Stopwatch()
        await asyncio.to_thread(platform.start)
        started_in = watch.seconds
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        await producer.start()
        try:
            api, source = await _founded(platform)
            street = Street(platform, api, source, started_in, broker_pid, producer)
            async with _watching(street, bootstrap):
                yield street
        finally:
            await producer.stop()
            await asyncio.to_thread(platform.stop)


async def _founded(platform: Platform) -> tuple[Api, str]:
    """A live partner: a sandbox's clock would hold everything to its stops."""
    admin = Api({name: platform.url(name) for name in SERVICES}, platform.known.admin_token)
    made = await asyncio.to_thread(
        admin.post,
        "customers",
        "/v1/partners",
        {
            "name": "Bench Television",
            "sandbox": False,
            "timezone": "Europe/Berlin",
            "country": "DE",
            "currency": "EUR",
            "support_email": "help@bench.example.com",
        },
    )
    api = Api({name: platform.url(name) for name in SERVICES}, made["api_key"])
    source = f"https://shop.example/{made['id']}"
    await _until_known(api)
    await asyncio.to_thread(furnish, api, source)
    await asyncio.sleep(1)
    return api, source


async def _until_known(api: Api) -> None:
    """A new API key reaches the other services as an event, like everything else."""
    async with asyncio.timeout(60):
        while True:
            try:
                await asyncio.to_thread(api.get, "subscriptions", "/v1/offers")
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
            else:
                return


@asynccontextmanager
async def _watching(street: Street, bootstrap: str) -> AsyncIterator[None]:
    consumer = AIOKafkaConsumer(
        DONE,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    reading = asyncio.create_task(_read(consumer, street))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, street: Street) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=50)).values():
            at = time.perf_counter()
            for record in records:
                name = orjson.loads(record.value)["subscription"]["checkout_reference"]
                street.activated.setdefault(name, at)


def _body(name: str) -> bytes:
    body: dict[str, Any] = {
        "checkout_id": name,
        "customer": {
            "reference": f"user-{name}",
            "name": "Ada Okafor",
            "email": f"{name}@mail.example.com",
            "address": {"country": "DE", "city": "Berlin"},
            "timezone": "Europe/Berlin",
        },
        "offer": OFFER,
        "currency": "EUR",
        "payment": {"status": "method", "gateway": "cards", "method_ref": f"pm_ok_{name}"},
    }
    return orjson.dumps(body)
