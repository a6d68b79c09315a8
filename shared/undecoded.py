"""A poll in FastStream's form with nothing decoded: the runtime answers for every record of it."""

from collections.abc import Sequence

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER


async def parse_anything(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """FastStream's own parser decodes headers and so loses the poll when one is not UTF-8; a
    `KafkaMessage` (not an ackable one) can commit nothing by accident.
    """
    first, last = records[0], records[-1]
    return KafkaMessage(
        body=[],
        headers={},
        batch_headers=[],
        raw_message=records,
        consumer=FAKE_CONSUMER,
        message_id=f"{first.topic}-{first.partition}-{first.offset}-{last.offset}",
    )


async def as_they_came(message: KafkaMessage) -> Sequence[ConsumerRecord]:
    """Bodies are read by the runtime, which answers for every one of them."""
    records: Sequence[ConsumerRecord] = message.raw_message
    return records
