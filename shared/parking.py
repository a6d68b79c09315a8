"""Records that wait: parked ones are tried again, dead ones wait for a person; nothing is lost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.record import Record, headers_from_json
from shared.sql import Sql

BACK_OFF = tuple(timedelta(seconds=each) for each in (1, 5, 30, 120, 600, 3600))
BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Letter:
    """A record with what is wrong with it. `blocks`: later records of its key must wait."""

    record: Record
    reason: str
    detail: str
    blocks: bool

    @property
    def place(self) -> tuple[str, int, int, bytes]:
        record = self.record
        return record.topic, record.partition, record.offset, record.fingerprint


@dataclass(frozen=True, slots=True)
class Parked:
    n: int
    record: Record
    attempts: int
    reason: str


class Parking:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def blocked(self, keys: Collection[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
        """Of these (topic, key) the ones that have a record waiting."""
        if not keys:
            return set()
        rows = await self._sql.fetch(
            """
            select distinct topic, key from parked
            where blocks and topic = any($1::text[]) and key = any($2::bytea[])""",
            sorted({topic for topic, _ in keys}),
            list({key for _, key in keys}),
        )
        return {(row["topic"], bytes(row["key"])) for row in rows}

    async def park(self, letters: Sequence[Letter], at: datetime) -> None:
        """Of one key in order: the first is tried again after a while, the rest queue behind it."""
        await self._keep(letters, "parked", at)

    async def bury(self, letters: Sequence[Letter], at: datetime) -> None:
        """What can never be handled as it is."""
        await self._keep(letters, "dead", at)

    async def _keep(self, letters: Sequence[Letter], state: str, at: datetime) -> None:
        """A waiting letter may turn out to be dead when it is tried; a closed one stays as it is."""
        letters = list({each.place: each for each in letters}.values())
        if not letters:
            return
        records = [each.record for each in letters]
        await self._sql.execute(
            """
            insert into parked(topic, partition, at_offset, fingerprint, key, value, headers,
                               reason, detail, blocks, partner_id, state, parked_at, next_at)
            select *, $12, $13, $14
            from unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[],
                        $7::text[], $8::text[], $9::text[], $10::boolean[], $11::text[])
            on conflict on constraint one_letter_a_record do update
            set state = excluded.state, reason = excluded.reason, detail = excluded.detail,
                blocks = excluded.blocks, next_at = null
            where excluded.state = 'dead' and parked.state = 'parked'""",
            [each.topic for each in records],
            [each.partition for each in records],
            [each.offset for each in records],
            [each.fingerprint for each in records],
            [each.key for each in records],
            [each.value for each in records],
            [each.headers_json() for each in records],
            [each.reason for each in letters],
            [_storable(each.detail) for each in letters],
            [each.blocks for each in letters],
            [each.record.partner_id for each in letters],
            state,
            at,
            at + BACK_OFF[0] if state == "parked" else None,
        )

    async def due(self, now: datetime, limit: int = 50) -> list[Parked]:
        """The oldest waiting record of each key whose time has come, locked for this transaction."""
        rows = await self._sql.fetch(
            """
            select p.* from parked p
            where p.state = 'parked' and p.next_at <= $1
              and not exists (select from parked older
                              where older.topic = p.topic and older.key = p.key
                                and older.blocks and older.n < p.n)
            order by p.n limit $2 for update of p skip locked""",
            now,
            limit,
        )
        return [_from_row(row) for row in rows]

    async def handled(self, n: int, at: datetime) -> None:
        await self._sql.execute(
            """
            update parked set state = 'handled', blocks = false, closed_at = $2
            where n = $1 and state = 'parked'""",
            n,
            at,
        )

    async def failed(self, each: Parked, detail: str, at: datetime) -> None:
        """Back off; after the last attempt a person decides, and the key stays blocked till then.

        Nothing changes if another has tried it since `each` was read.
        """
        attempts = each.attempts + 1
        exhausted = attempts >= len(BACK_OFF)
        await self._sql.execute(
            """
            update parked set attempts = $2, detail = $3, state = $4, next_at = $5,
                reason = case when $4 = 'dead' then 'exhausted' else reason end
            where n = $1 and state = 'parked' and attempts = $2 - 1""",
            each.n,
            attempts,
            _storable(detail),
            "dead" if exhausted else "parked",
            None if exhausted else at + BACK_OFF[attempts],
        )

    async def waiting(self) -> int:
        count: int = await self._sql.fetchval("select count(*) from parked where state = 'parked'")
        return count


def _storable(detail: str) -> str:
    """It may quote what the sender wrote, and PostgreSQL's texts hold neither of these two."""
    return detail[:2000].replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def _from_row(row: Any) -> Parked:
    record = Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["at_offset"],
        key=None if row["key"] is None else bytes(row["key"]),
        value=None if row["value"] is None else bytes(row["value"]),
        headers=headers_from_json(row["headers"]),
    )
    return Parked(row["n"], record, row["attempts"], row["reason"])
