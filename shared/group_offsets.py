"""How far a consumer group has committed, whoever of it reads the partition."""

import contextlib
from collections.abc import Collection

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

TIMEOUT_MS = 10_000


async def committed_by(
    group: str, places: Collection[TopicPartition], bootstrap: str
) -> dict[TopicPartition, int]:
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
