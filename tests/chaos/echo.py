"""Sends some of our own events once more, as a relay does that died before it noted them."""

from random import Random
from threading import Event
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from tests.chaos.shop import Shop
from tests.chaos.world import PARTITIONS

ECHOED = (
    "checkout.accepted",
    "checkout.rejected",
    "customer.created",
    "subscription.created",
    "subscription.activated",
    "subscription.renewed",
    "subscription.suspended",
    "subscription.resumed",
    "subscription.canceled",
    "subscription.extended",
    "order.refused",
    "payment.succeeded",
    "payment.failed",
    "period.opened",
    "dunning.exhausted",
    "invoice.upcoming",
)
# Of a hundred events so many come again.
PART = 4


class Echo:
    """Reads from now on, and repeats into the same partition, byte for byte."""

    def __init__(self, seed: int, bootstrap: str, shop: Shop) -> None:
        self._random = Random(f"{seed} echo")
        self._bootstrap = bootstrap
        self._shop = shop

    def run(self, over: Event) -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": "chaos-echo",
                "enable.auto.commit": False,
                "auto.offset.reset": "latest",
                "log_level": 0,
            }
        )
        consumer.assign([TopicPartition(name, n) for name in ECHOED for n in range(PARTITIONS)])
        repeated: set[bytes] = set()
        while not over.is_set():
            for message in consumer.consume(100, timeout=0.5):
                self._perhaps(message, repeated)
        consumer.close()

    def _perhaps(self, message: Any, repeated: set[bytes]) -> None:
        headers = list(message.headers() or [])
        name = dict(headers).get("ce_id")
        if message.error() or not isinstance(name, bytes) or name in repeated:
            return
        if self._random.randrange(100) >= PART:
            return
        # Its own echo must not come back.
        repeated.add(name)
        self._shop.send(
            "echo",
            name.decode("latin-1"),
            message.topic(),
            message.value(),
            headers=headers,
            key=message.key(),
            partition=message.partition(),
        )
