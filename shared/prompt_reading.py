"""Reads what has arrived at once, and asks for nothing in vain."""

import contextlib
import math
from itertools import chain

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from shared.pace import Pace
from shared.record import Record

MAX_RECORDS = 500
READ_MS = 1_000
AGAIN_MS = 20
LARGE = MAX_RECORDS // 4
PREFETCH_SECONDS = 60


class Reading:
    """`polls_a_second`: at most so many on average, as long as they are small."""

    def __init__(self, polls_a_second: float = math.inf) -> None:
        self._pace = Pace(polls_a_second)
        self._last_was_large = False

    async def next(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """The next records; none after a while. What the client has fetched before this reader
        waited for its turn hides what came since, so after a wait it looks twice.
        """
        waited = not self._last_was_large and await self._pace.turn()
        records = await _read(consumer, READ_MS)
        if waited and records:
            with contextlib.suppress(KafkaError):
                records += await _read(consumer, AGAIN_MS)
        self._last_was_large = len(records) >= LARGE
        return records


async def _read(consumer: AIOKafkaConsumer, patience_ms: int) -> tuple[ConsumerRecord, ...]:
    """FastStream's own reader sleeps once more after each empty read, so that an idle service
    would have to read all the time to be prompt.

    The client asks for nothing while anything of its last answer waits here: otherwise a partition
    that is handed out late would wait for a fetch of the idle ones to end.
    """
    consumer._fetcher._prefetch_backoff = PREFETCH_SECONDS  # noqa: SLF001  there is no public way
    found = await consumer.getmany(timeout_ms=patience_ms, max_records=MAX_RECORDS)
    return tuple(chain(*found.values()))


def record_of(each: ConsumerRecord) -> Record:
    return Record(
        each.topic, each.partition, each.offset, each.key, each.value, tuple(each.headers)
    )
