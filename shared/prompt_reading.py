"""Reads what has arrived at once, and asks for nothing in vain."""

from itertools import chain

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.record import Record

MAX_RECORDS = 500
READ_MS = 1_000
PREFETCH_SECONDS = 60


async def read(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
    """The next records; none after a while. FastStream's own reader sleeps once more after each
    empty read, so that an idle service would have to read all the time to be prompt.

    The client asks for nothing while anything of its last answer waits here: otherwise a partition
    that is handed out late would wait for a fetch of the idle ones to end.
    """
    consumer._fetcher._prefetch_backoff = PREFETCH_SECONDS  # noqa: SLF001  there is no public way
    found = await consumer.getmany(timeout_ms=READ_MS, max_records=MAX_RECORDS)
    return tuple(chain(*found.values()))


def record_of(each: ConsumerRecord) -> Record:
    return Record(
        each.topic, each.partition, each.offset, each.key, each.value, tuple(each.headers)
    )
