"""Where partitions begin and end, and how far a group has committed, whoever of it reads them."""

import asyncio
import contextlib
import logging
from collections.abc import Collection
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

log = logging.getLogger(__name__)
TIMEOUT_MS = 10_000
Offsets: TypeAlias = dict[TopicPartition, int]


async def committed_by(group: str, places: Collection[TopicPartition], bootstrap: str) -> Offsets:
    """The next offset to read, for the places on which the group has committed.

    Raises:
        KafkaError: the broker did not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=TIMEOUT_MS)
    try:
        await admin.start()
        found = await admin.list_consumer_group_offsets(group, partitions=list(places))
    finally:
        with contextlib.suppress(Exception):
            await admin.close()
    return {place: meta.offset for place, meta in found.items() if meta.offset >= 0}


async def starts_of(asking: AIOKafkaConsumer, places: Collection[TopicPartition]) -> Offsets:
    starts: Offsets = await asking.beginning_offsets(list(places))
    return starts


async def ends_of_all(
    consumer: AIOKafkaConsumer | None, asking: AIOKafkaConsumer, topics: Collection[str]
) -> Offsets:
    """Of all partitions that `consumer` knows of: another member may read some of them.

    Raises:
        TimeoutError: there is no consumer to ask, or the broker has not told of all yet: whoever
            took that for nothing would believe that he has read it all.
    """
    if consumer is None:
        raise TimeoutError("not started")
    places = []
    for topic in topics:
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise TimeoutError(f"the partitions of {topic} are not known")
        places += [TopicPartition(topic, partition) for partition in partitions]
    ends: Offsets = await asking.end_offsets(places) if places else {}
    if missing := set(places) - ends.keys():
        raise TimeoutError(f"no end is known of {min(missing)}")
    return ends


async def standing(
    asking: AIOKafkaConsumer,
    group: str,
    places: Collection[TopicPartition],
    bootstrap: str,
) -> tuple[Offsets, Offsets]:
    """Where the places begin, and how far the group has come; nothing if no broker tells."""
    for _ in range(5):
        try:
            return await starts_of(asking, places), await committed_by(group, places, bootstrap)
        except Exception as error:  # noqa: BLE001  the broker may not be itself yet
            log.warning("group_offsets.unknown", extra={"error": repr(error)})
            await asyncio.sleep(1)
    return {}, {}
