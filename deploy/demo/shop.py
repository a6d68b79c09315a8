"""The upstream checkout system of the demonstration: takes the money, then publishes."""

import asyncio
from collections.abc import Sequence

import httpx2
import orjson
from aiokafka import AIOKafkaProducer

from deploy.demo.cast import Part

TOPIC = "checkout.completed"


class Shop:
    def __init__(self, bootstrap: str, gateway_url: str) -> None:
        self._bootstrap = bootstrap
        self._gateway = gateway_url

    async def sell(self, parts: Sequence[Part]) -> None:
        """The money first: the platform believes only what the gateway shows."""
        async with httpx2.AsyncClient(base_url=self._gateway, timeout=30) as gateway:
            await asyncio.gather(*(_capture(gateway, each) for each in parts if each.captured))
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all")
        await producer.start()
        try:
            for each in parts:
                await producer.send(TOPIC, _value(each), headers=_headers(each))
            await producer.flush()
        finally:
            await producer.stop()


async def _capture(gateway: httpx2.AsyncClient, part: Part) -> None:
    if part.captured is None:
        return
    reference, amount, currency, method = part.captured
    body = {"reference": reference, "amount": amount, "currency": currency, "method_ref": method}
    (await gateway.post("/v1/captures", json=body)).raise_for_status()


def _value(part: Part) -> bytes:
    return part.body if isinstance(part.body, bytes) else orjson.dumps(part.body)


def _headers(part: Part) -> list[tuple[str, bytes]]:
    told = {
        "ce_specversion": "1.0",
        "ce_source": part.source,
        "ce_type": TOPIC,
        "content-type": "application/json",
    }
    if part.event_id is not None:
        told["ce_id"] = part.event_id
    return [(name, value.encode()) for name, value in told.items()]
