"""Facts that arrived ahead of an earlier one of the same aggregate wait here, never skipped."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from shared.contracts.event import EventContract, Message
from shared.made_or_found import made_or_found
from shared.received import Received, receive
from shared.record import Record, headers_from_json
from shared.sql import Sql

E = TypeVar("E", bound=EventContract)


class Held:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def in_sequence(
        self,
        received: Sequence[Received[E]],
        contracts: Mapping[str, type[Message]],
        at: datetime,
    ) -> list[Received[E]]:
        """The events whose turn it is, each aggregate's versions 1, 2, 3 … without a gap.

        One that is ahead is kept and comes out with the version before it; one that was heard
        already is dropped. All of `received` are of one aggregate kind.
        """
        if not received:
            return []
        kind = received[0].event.state
        by_subject: defaultdict[str, dict[int, Received[E]]] = defaultdict(dict)
        for each in received:
            by_subject[each.event.aggregate.subject][each.event.aggregate.version] = each
        heard = await self._heard(kind, sorted(by_subject))
        turn, reached = _in_turn(by_subject, heard)
        if await self._remember(kind, _risen(reached, heard)):
            waiting = await self._waiting(kind, sorted(by_subject), contracts)
            known = {s: waiting.get(s, {}) | versions for s, versions in by_subject.items()}
            turn, reached = _in_turn(known, heard)
            await self._remember(kind, _risen(reached, heard))
            await self._let_go(kind, {s: v for s, v in reached.items() if s in waiting})
        ahead = [
            each
            for subject, versions in by_subject.items()
            for version, each in versions.items()
            if version > reached[subject]
        ]
        await self._keep(kind, ahead, at)
        return turn

    async def oldest(self) -> datetime | None:
        """Since when the longest waiting one waits; more than a minute is an alarm."""
        found: datetime | None = await self._sql.fetchval("select min(held_at) from held")
        return found

    async def _heard(self, kind: str, subjects: list[str]) -> dict[str, int]:
        """Locked in order, so that two consumers of one aggregate take turns."""
        rows = await made_or_found(
            self._sql,
            len(subjects),
            """
            with made as (
                insert into heard(aggregate, subject, version)
                select $1, subject, 0 from unnest($2::text[]) as t(subject)
                on conflict do nothing returning subject, version
            ), locked as (
                select subject, version from heard
                where aggregate = $1 and subject = any($2::text[]) order by subject for update)
            select * from locked union all select * from made""",
            kind,
            subjects,
        )
        return {row["subject"]: row["version"] for row in rows}

    async def _waiting(
        self, kind: str, subjects: list[str], contracts: Mapping[str, type[Message]]
    ) -> dict[str, dict[int, Received[Any]]]:
        rows = await self._sql.fetch(
            "select * from held where aggregate = $1 and subject = any($2::text[])", kind, subjects
        )
        found: defaultdict[str, dict[int, Received[Any]]] = defaultdict(dict)
        for row in rows:
            record = Record(
                row["topic"],
                -1,
                -1,
                row["subject"].encode(),
                bytes(row["value"]),
                headers_from_json(row["headers"]),
            )
            found[row["subject"]][row["version"]] = receive(record, contracts)
        return found

    async def _remember(self, kind: str, versions: dict[str, int]) -> bool:
        """Whether something of these subjects waits, which may come out now. Asked after they are
        locked, since whoever held the lock before may have kept it.
        """
        if not versions:
            return False
        anything: bool = await self._sql.fetchval(
            """
            with remembered as (
                update heard set version = t.version
                from unnest($2::text[], $3::bigint[]) as t(subject, version)
                where aggregate = $1 and heard.subject = t.subject)
            select exists(select from held where aggregate = $1 and subject = any($2::text[]))""",
            kind,
            list(versions),
            list(versions.values()),
        )
        return anything

    async def _let_go(self, kind: str, versions: dict[str, int]) -> None:
        if not versions:
            return
        await self._sql.execute(
            """
            delete from held using unnest($2::text[], $3::bigint[]) as t(subject, version)
            where aggregate = $1 and held.subject = t.subject and held.version <= t.version""",
            kind,
            list(versions),
            list(versions.values()),
        )

    async def _keep(self, kind: str, ahead: Sequence[Received[E]], at: datetime) -> None:
        if not ahead:
            return
        await self._sql.execute(
            """
            insert into held(aggregate, subject, version, topic, event_id, headers, value,
                             partner_id, held_at)
            select $1, *, $9
            from unnest($2::text[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::bytea[],
                        $8::text[])
            on conflict do nothing""",
            kind,
            [each.event.aggregate.subject for each in ahead],
            [each.event.aggregate.version for each in ahead],
            [each.record.topic for each in ahead],
            [each.id for each in ahead],
            [each.record.headers_json() for each in ahead],
            [each.record.value for each in ahead],
            [each.event.aggregate.partner_id for each in ahead],
            at,
        )


def _in_turn(
    by_subject: Mapping[str, Mapping[int, Received[E]]], heard: Mapping[str, int]
) -> tuple[list[Received[E]], dict[str, int]]:
    """Those that follow what was heard without a gap, and which version each subject reaches."""
    turn: list[Received[E]] = []
    reached: dict[str, int] = {}
    for subject in sorted(by_subject):
        versions, last = by_subject[subject], heard[subject]
        while (version := last + 1) in versions:
            turn.append(versions[version])
            last = version
        reached[subject] = last
    return turn, reached


def _risen(reached: Mapping[str, int], heard: Mapping[str, int]) -> dict[str, int]:
    return {subject: version for subject, version in reached.items() if version > heard[subject]}
