"""What is to happen at a time: rows that fire once each, in the order in which they are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.ids import PartnerId, is_sandbox
from shared.origin import Origin
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class Timer:
    """`(kind, subject, due_key)` fires once for ever, so that setting it again changes nothing."""

    kind: str
    subject: str
    due_key: str
    due_at: datetime
    partner_id: PartnerId
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come; `now` is the partner's."""

    timer: Timer
    now: datetime
    attempts: int

    @property
    def origin(self) -> Origin:
        cause = f"timer:{self.timer.kind}/{self.timer.subject}/{self.timer.due_key}"
        return Origin(f"timer:{self.timer.kind}", cause, self.timer.correlation_id)


SET = """
    insert into timers as t (kind, subject, due_key, due_at, partner_id, correlation_id, sandbox)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
                         $6::text[], $7::boolean[])
    on conflict (kind, subject, due_key) do update
    set due_at = excluded.due_at, attempts = 0, not_before = null
    where t.fired_at is null"""


class Timers:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._set: list[Timer] = []

    async def set(self, timers: Sequence[Timer]) -> None:
        """A timer that is set again before it fired moves to the new time; a fired one stays."""
        if timers:
            await self._sql.execute(SET, *self._columns(timers))

    def _columns(self, timers: Sequence[Timer]) -> list[list[Any]]:
        unique = {(each.kind, each.subject, each.due_key): each for each in timers}
        ordered = [unique[name] for name in sorted(unique)]
        self._set += ordered
        return [
            [each.kind for each in ordered],
            [each.subject for each in ordered],
            [each.due_key for each in ordered],
            [each.due_at for each in ordered],
            [each.partner_id for each in ordered],
            [each.correlation_id for each in ordered],
            [is_sandbox(each.partner_id) for each in ordered],
        ]

    def any_until(self, instant: datetime) -> bool:
        """Whether one was set here that is due by then. A sandbox's may be, its time is its own."""
        return any(is_sandbox(each.partner_id) or each.due_at <= instant for each in self._set)

    async def cancel(self, kinds: Sequence[str], subjects: Sequence[str]) -> None:
        """Take back every unfired timer of these kinds on these subjects.

        One that is firing just now is left to find that its subject has moved on: to wait for it
        while it waits for the subject would be a deadlock.
        """
        if kinds and subjects:
            # Looked for once: as a condition of the deletion it may be looked for again a row.
            await self._sql.execute(
                """
                with taken_back as materialized (
                    select kind, subject, due_key from timers
                    where fired_at is null
                      and kind = any($1::text[]) and subject = any($2::text[])
                    for update skip locked)
                delete from timers t using taken_back b
                where (t.kind, t.subject, t.due_key) = (b.kind, b.subject, b.due_key)""",
                list(kinds),
                list(subjects),
            )

    async def replace(
        self, kinds: Sequence[str], subjects: Sequence[str], timers: Sequence[Timer]
    ) -> None:
        """As `cancel`, then `set`, at once."""
        if not subjects:
            await self.set(timers)
        elif not timers:
            await self.cancel(kinds, subjects)
        else:
            # A statement may not take back what it sets: one that is in both is set anew.
            await self._sql.execute(
                f"""
                with taken_back as materialized (
                    select kind, subject, due_key from timers
                    where fired_at is null
                      and kind = any($8::text[]) and subject = any($9::text[])
                      and (kind, subject, due_key) not in (
                          select * from unnest($1::text[], $2::text[], $3::text[]))
                    for update skip locked
                ), gone as (
                    delete from timers t using taken_back b
                    where (t.kind, t.subject, t.due_key) = (b.kind, b.subject, b.due_key))
                {SET}""",  # noqa: S608  a constant
                *self._columns(timers),
                list(kinds),
                list(subjects),
            )

    async def claim(
        self, live_now: datetime, system_now: datetime, kinds: Sequence[str], limit: int
    ) -> list[Due]:
        """The earliest due timers, locked; they count as fired when this transaction commits.

        A sandbox's clock is locked with them: one replica at a time fires for it, so in one order.
        `kinds` come in their rank, which decides among those due at one instant.
        """
        rows = await self._sql.fetch(
            """
            with live as (
                select t.kind, t.subject, t.due_key, $1::timestamptz as now
                from timers t
                where t.fired_at is null and not t.sandbox and t.due_at <= $1
                  and t.kind = any($3::text[]) and (t.not_before is null or t.not_before <= $2)
                order by t.due_at limit $4 for update of t skip locked
            ), sandbox as (
                select t.kind, t.subject, t.due_key, c.now
                from clocks c join timers t on t.partner_id = c.partner_id
                where t.fired_at is null and t.sandbox and t.due_at <= least(c.now, c.fires_until)
                  and t.kind = any($3::text[]) and (t.not_before is null or t.not_before <= $2)
                order by t.due_at limit $4 for update of c, t skip locked
            ), due as (select * from live union all select * from sandbox)
            update timers t set fired_at = due.now
            from due where (t.kind, t.subject, t.due_key) = (due.kind, due.subject, due.due_key)
            returning t.*, due.now as partner_now""",
            live_now,
            system_now,
            list(kinds),
            limit,
        )
        rank = {kind: n for n, kind in enumerate(kinds)}
        return sorted(
            map(_from_row, rows),
            key=lambda due: (due.timer.due_at, rank[due.timer.kind], due.timer.subject),
        )

    async def due_kinds(
        self, live_now: datetime, system_now: datetime, kinds: Sequence[str], limit: int
    ) -> frozenset[str]:
        """Which of these kinds are among the next to fire that no advancing clock has put in
        order. What is due is read, however much is not.
        """
        rows = await self._sql.fetch(
            """
            with live as (
                select t.kind from timers t
                where t.fired_at is null and not t.sandbox and t.due_at <= $1
                  and t.kind = any($3::text[]) and (t.not_before is null or t.not_before <= $2)
                order by t.due_at limit $4
            ), sandbox as (
                select t.kind from clocks c join timers t on t.partner_id = c.partner_id
                where c.fires_until = 'infinity' and t.fired_at is null and t.sandbox
                  and t.due_at <= c.now
                  and t.kind = any($3::text[]) and (t.not_before is null or t.not_before <= $2)
                order by t.due_at limit $4
            )
            select kind from live union select kind from sandbox""",
            live_now,
            system_now,
            list(kinds),
            limit,
        )
        return frozenset(row["kind"] for row in rows)

    async def postpone(self, due: Due, not_before: datetime, detail: str) -> None:
        """It failed: not before that (system) time again. If it fired elsewhere it stays fired."""
        timer = due.timer
        await self._sql.execute(
            """
            update timers set attempts = attempts + 1, not_before = $4, detail = $5
            where (kind, subject, due_key) = ($1, $2, $3) and fired_at is null""",
            timer.kind,
            timer.subject,
            timer.due_key,
            not_before,
            detail[:2000],
        )


def _from_row(row: Any) -> Due:
    timer = Timer(
        row["kind"],
        row["subject"],
        row["due_key"],
        row["due_at"],
        PartnerId(row["partner_id"]),
        row["correlation_id"],
    )
    return Due(timer, row["partner_now"], row["attempts"])
