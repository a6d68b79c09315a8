"""Keeps the embedded broker from forgetting: its partitions hold 5 MB and drop the rest unread."""

import asyncio
import time

from aiokafka.admin import AIOKafkaAdminClient

LIMIT_BYTES = 1_000_000
PATIENCE_SECONDS = 30


class MockThrottle:
    """At most 1 MB that a group of ours has not read yet, over all partitions: fewer than the
    limit of any single one. Counted in bytes sent since the slowest group last stood at the end.
    """

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._unread = 0

    async def room_for(self, records: int, size: int) -> None:
        del records
        if self._unread + size > LIMIT_BYTES:
            await self._until_read()
            self._unread = 0
        self._unread += size

    async def _until_read(self) -> None:
        """Wait until every group of ours has committed the end of what it reads."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while not await _all_read(admin):
                if time.monotonic() > deadline:
                    raise TimeoutError("a service reads too slowly for the embedded broker")
                await asyncio.sleep(0.1)
        finally:
            await admin.close()


async def _all_read(admin: AIOKafkaAdminClient) -> bool:
    raise NotImplementedError
