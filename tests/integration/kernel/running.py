"""The kernel on a real broker: consumers that run, records on their way, topics read to the end."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from confluent_kafka import Producer
from typing_extensions import override

from shared.kafka import Consumption
from shared.record import Record
from shared.testing.kafka import Kafka
from tests.integration.kernel.accounts import AccountCredited, Accounts, CreditOrdered

ORDERS = CreditOrdered.type
CREDITED = AccountCredited.type
ANY = -1


@asynccontextmanager
async def consuming(
    accounts: Accounts,
    bootstrap: str,
    group: str | None = None,
    *,
    ready: bool = True,
    **options: Any,
) -> AsyncIterator[Consumption]:
    """The accounts as a member of a group, from its first assignment to its orderly end."""
    consumption = Consumption(accounts.consumer, bootstrap, group or a_group(), **options)
    await consumption.start()
    try:
        await until(lambda: consumption.ready or not ready)
        yield consumption
    finally:
        await consumption.stop()


def a_group() -> str:
    return f"accounts-{secrets.token_hex(6)}"


async def until(
    condition: Callable[[], bool | Awaitable[bool]], seconds: float = 30, every: float = 0.05
) -> None:
    """Return as soon as it holds.

    Raises:
        TimeoutError: it did not.
    """
    async with asyncio.timeout(seconds):
        while True:
            holds = condition()
            if holds if isinstance(holds, bool) else await holds:
                return
            await asyncio.sleep(every)


async def handled(accounts: Accounts, count: int) -> bool:
    """Whether so many orders have taken effect."""
    ((found,),) = await accounts.rows("select count(*) from effect")
    return bool(found >= count)


async def committed(kafka: Kafka, group: str) -> dict[int, int]:
    """By partition of the orders, where the group would read on."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {place.partition: meta.offset for place, meta in found.items() if place.topic == ORDERS}


async def send(bootstrap: str, records: Sequence[Record], partition: int | None = None) -> None:
    """Return when all are with the broker; of each key in the order given."""
    await asyncio.to_thread(_send, bootstrap, records, partition)


def _send(bootstrap: str, records: Sequence[Record], partition: int | None) -> None:
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "log_level": 0,
        }
    )
    failures: list[object] = []
    for each in records:
        producer.produce(
            each.topic,
            each.value,
            each.key,
            partition=ANY if partition is None else partition,
            headers=list(each.headers),
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
        producer.poll(0)
    assert producer.flush(30) == 0
    assert failures == []


class OddName(str):
    """A header's name that is not UTF-8, as a client of one's own making can send it."""

    __slots__ = ()

    @override
    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe odd"


async def send_with_odd_name(bootstrap: str, record: Record) -> None:
    """To partition 0, one header more than `record` has."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 100_000)  # noqa: SLF001  the public one knows text only
        headers = [*record.headers, (OddName("odd"), b"value")]
        batch.append(key=record.key, value=record.value, timestamp=1, headers=headers)
        batch.close()
        await (await producer.send_batch(batch, record.topic, partition=0))
    finally:
        await producer.stop()


async def read_all(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """Everything on the topic, partition after partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer._client.add_topic(topic)  # noqa: SLF001  there is no public way
        places = [
            TopicPartition(topic, each) for each in sorted(consumer.partitions_for_topic(topic))
        ]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in places}
        async with asyncio.timeout(30):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for place, records in (await consumer.getmany(timeout_ms=100)).items():
                    found[place] += records
    finally:
        await consumer.stop()
    return [record for place in places for record in found[place]]


def header(record: ConsumerRecord, name: str) -> str:
    (value,) = (value for key, value in record.headers if key == name)
    text: str = value.decode()
    return text


def first_versions(records: Sequence[ConsumerRecord]) -> dict[str, list[int]]:
    """By key, the versions in the order in which each was first seen; repeats are left out."""
    seen: dict[str, list[int]] = {}
    for record in records:
        versions = seen.setdefault(record.key.decode(), [])
        if (version := int(header(record, "ce_sequence"))) not in versions:
            versions.append(version)
    return seen
