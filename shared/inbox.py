"""Which events have taken effect here: each once, whatever is delivered again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from shared.record import Record
from shared.sql import Sql


class Arrival(NamedTuple):
    """An event as it stands in the inbox. The topic is part of its name, since an upstream may
    choose an id that one of ours has; `digest` tells a repeat from another content.
    """

    topic: str
    id: UUID
    digest: bytes

    @classmethod
    def of(cls, record: Record, event_id: UUID) -> "Arrival":
        return cls(record.topic, event_id, sha256(record.value or b"").digest()[:16])

    @property
    def name(self) -> tuple[str, UUID]:
        return self.topic, self.id


@dataclass(frozen=True, slots=True)
class Claim:
    """`fresh` may take effect now; `reused` bear an id that came before with other content."""

    fresh: set[tuple[str, UUID]]
    reused: set[tuple[str, UUID, bytes]]


class Inbox:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def claim(self, arrivals: Collection[Arrival], taken_at: datetime) -> Claim:
        """Ids go in sorted, so that two consumers of one batch wait for each other and never lock
        up. The insert waits for a concurrent claim of the same id to end: one of the two is fresh.
        """
        return await self._claim(arrivals, taken_at, unless_parked=()) or Claim(set(), set())

    async def claim_unless_parked(
        self, arrivals: Collection[Arrival], taken_at: datetime
    ) -> Claim | None:
        """As `claim`, or None and nothing claimed if any key of these topics has a record parked:
        then it has to be asked first whom that holds up.
        """
        topics = {each.topic for each in arrivals}
        return await self._claim(arrivals, taken_at, unless_parked=topics)

    async def _claim(
        self, arrivals: Collection[Arrival], taken_at: datetime, unless_parked: Collection[str]
    ) -> Claim | None:
        first: dict[tuple[str, UUID], bytes] = {}
        for each in arrivals:
            first.setdefault(each.name, each.digest)
        wanted = sorted(first)
        # Mostly all are fresh, and then a number says so.
        [row] = await self._sql.fetch(
            """
            with parking as materialized (
                select exists(select from parked
                              where blocks and topic = any($5::text[])) as is_in_use
            ), taken as (
                insert into inbox(topic, id, digest, taken_at)
                select topic, id, digest, $4
                from unnest($1::text[], $2::uuid[], $3::bytea[]) as t(topic, id, digest)
                where not (select is_in_use from parking)
                on conflict do nothing returning topic, id)
            select count(*) as n, (select is_in_use from parking) as is_held_up,
                   case when count(*) < cardinality($1) then array_agg(topic) end as topics,
                   case when count(*) < cardinality($1) then array_agg(id) end as ids
            from taken""",
            [topic for topic, _ in wanted],
            [event_id for _, event_id in wanted],
            [first[name] for name in wanted],
            taken_at,
            list(unless_parked),
        )
        if row["is_held_up"]:
            return None
        if row["n"] == len(arrivals):
            return Claim(set(first), set())
        listed = zip(row["topics"] or (), row["ids"] or (), strict=True)
        fresh = set(first if row["n"] == len(first) else listed)
        known = {name: first[name] for name in fresh} | await self._digests(set(wanted) - fresh)
        return Claim(
            fresh,
            {(*each.name, each.digest) for each in arrivals if known[each.name] != each.digest},
        )

    async def _digests(self, names: set[tuple[str, UUID]]) -> dict[tuple[str, UUID], bytes]:
        if not names:
            return {}
        rows = await self._sql.fetch(
            """
            select topic, id, digest from inbox
            join unnest($1::text[], $2::uuid[]) as t(topic, id) using (topic, id)""",
            [topic for topic, _ in names],
            [event_id for _, event_id in names],
        )
        return {(row["topic"], row["id"]): bytes(row["digest"]) for row in rows}
