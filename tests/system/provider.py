"""A provider on the running platform, as an outsider has him: his shop, his clock, the topics."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.demo.api import Api, Partner, furnish, make_partner
from deploy.demo.cast import OFFER, PRICES
from deploy.demo.clock import advance
from deploy.demo.story import BEGINNING
from deploy.platform import SERVICES, Platform
from shared.contracts import billing, clock, customers, notifier, orders, subscriptions, upstream
from shared.contracts.event import CONTRACTS

PATIENCE = 60
PUBLISHERS = (billing, clock, customers, notifier, orders, subscriptions, upstream)


@dataclass(frozen=True)
class Fact:
    """One event as any subscriber of its topic gets it."""

    type: str
    id: str
    key: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Provider:
    platform: Platform
    partner: Partner
    api: Api
    now: datetime = BEGINNING
    facts: list[Fact] = field(default_factory=list)
    _consumer: AIOKafkaConsumer | None = None
    _reading: asyncio.Task[None] | None = None

    @classmethod
    async def founded(cls, platform: Platform) -> "Provider":
        urls = {name: platform.url(name) for name in SERVICES}
        admin = Api(urls, platform.known.admin_token)
        partner = await asyncio.to_thread(make_partner, admin, BEGINNING)
        provider = cls(platform, partner, admin.acting_for(partner))
        await provider.settle()
        await asyncio.to_thread(furnish, provider.api, provider.source)
        await provider.settle()
        await provider._listen()
        return provider

    @property
    def source(self) -> str:
        """Each partner's shop has a name of its own."""
        return f"https://shop.example/{self.partner.id}"

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._consumer is not None:
            await self._consumer.stop()
        self.api.close()

    async def _listen(self) -> None:
        self._consumer = AIOKafkaConsumer(
            *(name for name in CONTRACTS if not name.startswith("test.")),
            bootstrap_servers=self.platform.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=20,
        )
        await self._consumer.start()
        self._reading = asyncio.create_task(self._read(self._consumer))

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            headers = {name: (value or b"").decode() for name, value in record.headers}
            if headers.get("ce_partnerid") == self.partner.id:
                body = orjson.loads(record.value)
                key = (record.key or b"").decode()
                self.facts.append(Fact(record.topic, headers["ce_id"], key, body, headers))

    def checkout(self, method: str | None = None, **changes: Any) -> dict[str, Any]:
        """A sound checkout of a new person; paid by a method on file unless told otherwise."""
        who = secrets.token_hex(4)
        return {
            "checkout_id": f"shop-{who}",
            "customer": {
                "reference": f"user-{who}",
                "name": "Ada Okafor",
                "email": f"{who}@mail.example.com",
                "address": {"country": "DE"},
                "timezone": "Europe/Berlin",
            },
            "offer": OFFER,
            "currency": "EUR",
            "payment": {
                "status": "method",
                "gateway": "cards",
                "method_ref": method or f"pm_ok_{who}",
            },
            **changes,
        }

    async def captured(self, method: str | None = None, **changes: Any) -> dict[str, Any]:
        """A checkout whose money the shop has taken already."""
        body = self.checkout(method, **changes)
        reference = f"ch_{secrets.token_hex(6)}"
        method_ref = body["payment"]["method_ref"]
        price, currency = PRICES[body["currency"]], body["currency"]
        async with httpx2.AsyncClient() as gateway:
            answer = await gateway.post(
                f"http://127.0.0.1:{self.platform.ports.gateway}/v1/captures",
                json={
                    "reference": reference,
                    "amount": price,
                    "currency": currency,
                    "method_ref": method_ref,
                },
            )
            answer.raise_for_status()
        return {
            **body,
            "payment": {
                "status": "captured",
                "gateway": "cards",
                "reference": reference,
                "amount_minor": price,
                "currency": currency,
                "method_ref": method_ref,
            },
        }

    async def publish(self, *bodies: Any, event_id: str | None = None) -> None:
        """As a shop would, with a plain Kafka client."""
        producer = AIOKafkaProducer(bootstrap_servers=self.platform.bootstrap, acks="all")
        await producer.start()
        try:
            for each in bodies:
                value = each if isinstance(each, bytes) else orjson.dumps(each)
                name = event_id or f"evt-{secrets.token_hex(6)}"
                headers = [
                    ("ce_id", name.encode()),
                    ("ce_source", self.source.encode()),
                    ("ce_specversion", b"1.0"),
                    ("ce_type", b"checkout.completed"),
                    ("content-type", b"application/json"),
                ]
                await producer.send_and_wait("checkout.completed", value, headers=headers)
        finally:
            await producer.stop()

    async def fact(self, kind: str, where: Callable[[dict[str, Any]], bool] = bool) -> Fact:
        """The first such event, as soon as it is on its topic."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in self.facts:
                    if each.type == kind and where(each.body):
                        return each
                await asyncio.sleep(0.02)

    async def activated(self, body: dict[str, Any]) -> dict[str, Any]:
        """The state of the subscription that came of this checkout."""
        found = await self.fact(
            "subscription.activated",
            lambda b: b["subscription"]["checkout_reference"] == body["checkout_id"],
        )
        state: dict[str, Any] = found.body["subscription"]
        return state

    def of(self, subscription_id: str, *kinds: str) -> list[Fact]:
        """All that was said of one subscription, each event once, in the order of arrival."""
        found: dict[str, Fact] = {}
        for each in self.facts:
            if each.key == subscription_id and (not kinds or each.type in kinds):
                found.setdefault(each.id, each)
        return list(found.values())

    async def settle(self) -> None:
        """Until nothing is left to do at the present instant, and all that was said is read."""
        await self.move_to(self.now)

    async def move_to(self, instant: datetime) -> dict[str, Any]:
        """All that happens until then happens; the clock as it stands afterwards.

        Raises:
            ClockFailed
        """
        self.now = instant
        clock = await asyncio.to_thread(advance, self.api, self.partner.clock_id, instant)
        if self._consumer is not None:
            ends = await self._consumer.end_offsets(self._consumer.assignment())
            for place, end in ends.items():
                while await self._consumer.position(place) < end:  # noqa: ASYNC110  no event tells
                    await asyncio.sleep(0.01)
        return clock

    def subscription(self, subscription_id: str) -> dict[str, Any]:
        return self.api.get("subscriptions", f"/v1/subscriptions/{subscription_id}")

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What lies in this person's mailbox, oldest first."""
        url = f"http://127.0.0.1:{self.platform.ports.mailbox}/messages"
        found: list[dict[str, Any]] = httpx2.get(
            url, params={"to": to, "limit": 1000}, timeout=10
        ).json()["messages"]
        return found

    def moved_money(self) -> list[dict[str, Any]]:
        """The gateway's own ledger, which knows nothing of us."""
        url = f"http://127.0.0.1:{self.platform.ports.gateway}/v1/ledger"
        found: list[dict[str, Any]] = httpx2.get(url, timeout=10).json()["movements"]
        return found
