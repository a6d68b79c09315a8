"""What the tests, and the platform, may expect of a broker."""

import asyncio
import secrets
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.topics import declared_topics, make_topics
from shared.testing.kafka import Kafka, Topics


async def send(bootstrap: str, topic: str, values: Sequence[bytes]) -> None:
    """Return when the broker has acknowledged all of them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"one key, one order")
    finally:
        await producer.stop()


async def received(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """The first `count` records that a new consumer group gets."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=f"readers-{secrets.token_hex(6)}",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_what_is_sent_is_received_in_order(kafka: Kafka, topics: Topics) -> None:
    topic = await topics.unique("orders")
    values = [f"order {number}".encode() for number in range(100)]

    await send(kafka.bootstrap, topic, values)

    assert await received(kafka.bootstrap, topic, 100) == values


async def test_what_was_acknowledged_survives_a_kill_of_the_broker(breakable_kafka: Kafka) -> None:
    topics = Topics(breakable_kafka.bootstrap)
    topic = await topics.unique("orders")
    await send(breakable_kafka.bootstrap, topic, [b"before the kill"])

    await asyncio.to_thread(breakable_kafka.kill)
    await asyncio.to_thread(breakable_kafka.start)
    await send(breakable_kafka.bootstrap, topic, [b"after it"])

    expected = [b"before the kill", b"after it"]
    assert await received(breakable_kafka.bootstrap, topic, 2) == expected


async def test_topics_of_given_names_are_empty_for_each_test(kafka: Kafka, topics: Topics) -> None:
    await topics.named(["test.given"])
    await send(kafka.bootstrap, "test.given", [b"of an earlier test"])

    await topics.named(["test.given"])
    await send(kafka.bootstrap, "test.given", [b"of this test"])

    assert await received(kafka.bootstrap, "test.given", 1) == [b"of this test"]


async def test_every_declared_topic_is_made_once(breakable_kafka: Kafka) -> None:
    declared = declared_topics(partitions=4, replication=1)

    first = await make_topics(declared, bootstrap=breakable_kafka.bootstrap)
    second = await make_topics(declared, bootstrap=breakable_kafka.bootstrap)

    assert (sorted(first), second) == (sorted(topic.name for topic in declared), [])
    assert await partitions_by_topic(breakable_kafka.bootstrap) == dict.fromkeys(first, 4)


async def partitions_by_topic(bootstrap: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.describe_topics()
    finally:
        await admin.close()
    return {topic["topic"]: len(topic["partitions"]) for topic in found if not topic["is_internal"]}


async def test_the_embedded_broker_hands_on_what_it_gets(embedded_kafka: str) -> None:
    values = [f"usage {number}".encode() for number in range(100)]

    await send(embedded_kafka, "usage.reported", values)

    assert await received(embedded_kafka, "usage.reported", 100) == values


async def test_the_embedded_broker_has_every_declared_topic(embedded_kafka: str) -> None:
    found = await partitions_by_topic(embedded_kafka)

    assert {found.get(topic.name) for topic in declared_topics()} == {4}
