"""What a person decides on records that wait: look, replay (corrected if need be), discard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.clock_counters import ClockCounters
from shared.errors import Conflict, NotFound
from shared.inbox import Arrival, Inbox
from shared.record import Record, headers_from_json
from shared.sql import Sql


class LetterNotFound(NotFound):
    code = "letter_not_found"


class LetterClosed(Conflict):
    code = "letter_closed"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`state` is parked (tried again by itself), dead (waits for a person), handled, discarded."""

    n: int
    record: Record
    state: str
    reason: str
    detail: str
    attempts: int
    parked_at: datetime
    closed_by: str | None
    note: str | None


class DeadLetters:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def list(
        self, states: Sequence[str] = ("parked", "dead"), limit: int = 100, after: int = 0
    ) -> "tuple[DeadLetter, ...]":
        rows = await self._sql.fetch(
            "select * from parked where state = any($1::text[]) and n > $2 order by n limit $3",
            states,
            after,
            limit,
        )
        return tuple(_from_row(row) for row in rows)

    async def show(self, n: int) -> DeadLetter:
        row = await self._sql.fetchrow("select * from parked where n = $1 for update", n)
        if row is None:
            raise LetterNotFound(f"there is no letter {n}", way_out="see `perennial dlq list`")
        return _from_row(row)

    async def replay(self, n: int, by: str, at: datetime, body: bytes | None = None) -> int:
        """Put it before the runtime again, which keeps its rules: what took effect stays once.

        With `body` the letter is closed and a corrected copy takes its place.

        Returns:
            The number of the letter that is tried now.

        Raises:
            LetterNotFound, LetterClosed
        """
        letter = await self._open(n)
        if body is None:
            await self._sql.execute(
                """
                update parked set state = 'parked', attempts = 0, next_at = $2, note = $3
                where n = $1""",
                n,
                at,
                f"replayed by {by}",
            )
            return n
        corrected: int = await self._sql.fetchval(
            """
            insert into parked(topic, partition, at_offset, fingerprint, key, value, headers,
                               reason, detail, blocks, partner_id, state, parked_at, next_at, note)
            select topic, partition, at_offset, $3, key, $2, headers, reason, detail, blocks,
                   partner_id, 'parked', $4, $4, $5
            from parked where n = $1 returning n""",
            n,
            body,
            _with(letter.record, body).fingerprint,
            at,
            f"letter {n}, corrected by {by}",
        )
        await self._close(n, "handled", by, f"replaced by letter {corrected}", at)
        return corrected

    async def discard(self, n: int, by: str, why: str, at: datetime) -> None:
        """It never takes effect; what waits behind it goes on.

        One of our own events then counts as handled, so that it does not come again, and the test
        clock of a sandbox does not wait for it.

        Raises:
            LetterNotFound, LetterClosed
        """
        letter = await self._open(n)
        await self._close(n, "discarded", by, why, at)
        await self._take_as_handled(letter.record, at)

    async def _open(self, n: int) -> DeadLetter:
        letter = await self.show(n)
        if letter.state not in {"parked", "dead"}:
            raise LetterClosed(f"letter {n} is {letter.state}", way_out="nothing is left to do")
        return letter

    async def _take_as_handled(self, record: Record, at: datetime) -> None:
        if record.partner_id is None or record.event_id is None:
            return
        arrival = Arrival.of(record, record.event_id)
        claim = await Inbox(self._sql).claim([arrival], at)
        if arrival.name in claim.fresh:
            counters = ClockCounters(self._sql)
            counters.count("handled", record.partner_id, record.topic)
            await counters.write()

    async def _close(self, n: int, state: str, by: str, note: str, at: datetime) -> None:
        await self._sql.execute(
            """
            update parked set state = $2, blocks = false, closed_at = $3, closed_by = $4, note = $5
            where n = $1""",
            n,
            state,
            at,
            by,
            note,
        )


def _with(record: Record, body: bytes) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, body, record.headers)


def _from_row(row: Any) -> DeadLetter:
    record = Record(
        row["topic"],
        row["partition"],
        row["at_offset"],
        None if row["key"] is None else bytes(row["key"]),
        None if row["value"] is None else bytes(row["value"]),
        headers_from_json(row["headers"]),
    )
    return DeadLetter(
        row["n"],
        record,
        row["state"],
        row["reason"],
        row["detail"],
        row["attempts"],
        row["parked_at"],
        row["closed_by"],
        row["note"],
    )
