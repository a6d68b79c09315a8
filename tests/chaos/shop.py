"""An upstream's plain Kafka client: it sends, hears what the broker says, and writes it down."""

import threading
from collections.abc import Sequence
from typing import Any

import orjson
from confluent_kafka import KafkaError, Message, Producer

from tests.chaos.buyers import Sale
from tests.chaos.journal import Journal

TOPIC = "checkout.completed"
Headers = Sequence[tuple[str, bytes | None]]


class Shop:
    """`send` returns at once; the broker's word is journalled when it comes: `acknowledged` with its
    place, or `unsent`, where nobody knows whether it is there.
    """

    def __init__(self, bootstrap: str, journal: Journal) -> None:
        self._journal = journal
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "delivery.timeout.ms": 120_000,
                "linger.ms": 5,
                "log_level": 0,
            }
        )
        self._open = True
        self._poller = threading.Thread(target=self._poll, daemon=True)
        self._poller.start()

    def sell(self, sale: Sale, what: str = "sale") -> None:
        headers = [
            ("ce_id", sale.event_id.encode()),
            ("ce_source", sale.source.encode()),
            ("ce_specversion", b"1.0"),
            ("ce_type", TOPIC.encode()),
            ("content-type", b"application/json"),
        ]
        value, key = orjson.dumps(sale.body), sale.checkout_id.encode()
        self.send(what, sale.event_id, TOPIC, value, headers=headers, key=key)

    def send(
        self,
        what: str,
        name: str,
        topic: str,
        value: bytes | None,
        *,
        headers: Headers,
        key: bytes | None = None,
        partition: int = -1,
    ) -> None:
        def told(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._journal.write("unsent", what=what, name=name, error=str(error))
                return
            place = [message.topic(), message.partition(), message.offset()]
            self._journal.write("acknowledged", what=what, name=name, place=place)

        given: dict[str, Any] = {} if partition < 0 else {"partition": partition}
        self._producer.produce(topic, value, key, headers=list(headers), on_delivery=told, **given)

    def close(self, patience: float = 130) -> None:
        """Waits until the broker has said something of everything that was sent."""
        self._producer.flush(patience)
        self._open = False
        self._poller.join()

    def _poll(self) -> None:
        while self._open:
            self._producer.poll(0.1)
