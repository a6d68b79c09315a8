"""Keeps the embedded broker from forgetting: its partitions hold 5 MB and drop the rest unread."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

LIMIT_BYTES = 2_000_000
PATIENCE_SECONDS = 60


class MockThrottle:
    """At most 2 MB in all is sent ahead of the slowest group, so no partition can hold more.

    `groups` are the readers to wait for; a group reads a topic if it has committed on it.
    """

    def __init__(
        self, bootstrap: str, groups: Sequence[str], *, limit_bytes: int = LIMIT_BYTES
    ) -> None:
        self._bootstrap = bootstrap
        self._groups = groups
        self.limit = limit_bytes
        self._topics: set[str] = set()
        self._unread = 0

    async def room_for(self, topics: set[str], size: int) -> None:
        """Return when `size` bytes may be sent.

        Raises:
            TimeoutError: a group did not read on; the relay begins anew.
        """
        if self._unread + size > self.limit and self._topics:
            await self._until_read()
            self._unread = 0
        self._topics |= topics
        self._unread += size

    async def _until_read(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        reader = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        await admin.start()
        await reader.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while not await self._all_read(admin, reader):
                if time.monotonic() > deadline:
                    raise TimeoutError("a service reads too slowly for the embedded broker")
                await asyncio.sleep(0.2)
        finally:
            await reader.stop()
            await admin.close()

    async def _all_read(self, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> bool:
        places = [
            TopicPartition(topic, partition)
            for topic in sorted(self._topics)
            for partition in await _partitions(reader, topic)
        ]
        ends = await reader.end_offsets(places)
        for group in self._groups:
            found = await admin.list_consumer_group_offsets(group, partitions=places)
            read = {place.topic for place, meta in found.items() if meta.offset >= 0}
            for place, end in ends.items():
                if place.topic in read and max(found[place].offset, 0) < end:
                    return False
        return True


async def _partitions(reader: AIOKafkaConsumer, topic: str) -> list[int]:
    found = reader.partitions_for_topic(topic)
    if found is None:
        await reader._client.force_metadata_update()  # noqa: SLF001  there is no public way
        found = reader.partitions_for_topic(topic)
    return sorted(found or ())
