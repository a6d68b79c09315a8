"""Events that are decided, waiting for the relay in the transaction that decided them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import orjson
from uuid_utils import UUID, uuid7

from shared.clock_counters import ClockCounters
from shared.contracts.event import EventContract, State
from shared.new_rows import insert_new
from shared.origin import Origin
from shared.sql import Sql

LANES = 16
# A broker takes a million bytes, headers included, unless it is told otherwise.
MAX_EVENT = 900_000


COLUMNS = (
    *("id", "lane", "topic", "key", "aggregate", "subject", "version", "partner_id", "headers"),
    *("payload", "created_at"),
)


class EventTooLarge(Exception):
    """An aggregate has grown beyond what can be published; its rules must bound it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event with its cause; `at` is the partner's time."""

    event: EventContract
    origin: Origin
    at: datetime


class Outbox:
    """The second writer of an aggregate draws its `seq` after the first has committed, since both
    hold its row lock: so the order of `seq` is the order of versions.
    """

    def __init__(self, sql: Sql, source: str, counters: ClockCounters) -> None:
        self._sql = sql
        self._source = source
        self._counters = counters
        self.added = 0

    async def add(self, outgoing: Sequence[Outgoing]) -> None:
        """Store the events in the order given. Two of one version violate `one_event_a_version`."""
        if not outgoing:
            return
        rows = [_row(each, self._source) for each in outgoing]
        await insert_new(self._sql, "outbox", COLUMNS, rows)
        self.added += len(rows)
        for each in outgoing:
            self._counters.count("sent", each.event.aggregate.partner_id, each.event.type)


def lane_of(key: str) -> int:
    return crc32(key.encode()) % LANES


def _row(each: Outgoing, source: str) -> tuple[object, ...]:
    aggregate, event_id = each.event.aggregate, uuid7()
    payload = each.event.__pydantic_serializer__.to_json(each.event)
    if len(payload) > MAX_EVENT:
        raise EventTooLarge(f"{each.event.type} of {aggregate.subject}: {len(payload)} bytes")
    return (
        event_id,
        lane_of(aggregate.key),
        each.event.type,
        aggregate.key,
        each.event.state,
        aggregate.subject,
        aggregate.version,
        aggregate.partner_id,
        orjson.dumps(_headers(each, aggregate, event_id, source)).decode(),
        payload,
        each.at,
    )


def _headers(each: Outgoing, aggregate: State, event_id: UUID, source: str) -> dict[str, str]:
    """CloudEvents 1.0, Kafka binary binding."""
    event = each.event
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_source": source,
        "ce_type": event.type,
        "ce_time": each.at.isoformat(),
        "ce_subject": aggregate.subject,
        "ce_dataschema": f"{event.type}/{event.schema_version}",
        "content-type": "application/json",
        "ce_partnerid": aggregate.partner_id,
        "ce_causationid": each.origin.causation_id,
        "ce_correlationid": each.origin.correlation_id,
        "ce_actor": each.origin.actor,
        "ce_sequence": str(aggregate.version),
    }
    if each.origin.traceparent:
        headers["traceparent"] = each.origin.traceparent
    return headers
