"""What time it is, per partner: the system's clock, or where a sandbox partner's stands."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Protocol

from shared.ids import PartnerId, is_sandbox
from shared.sql import Sql


class Clocks(Protocol):
    """What an edge may ask, inside its transaction."""

    async def now(self, partner_id: PartnerId) -> datetime: ...

    async def now_by_partner(self, partner_ids: Collection[PartnerId]) -> dict[PartnerId, datetime]:
        """One instant for each partner; two live partners share the same."""


def system_now() -> datetime:
    """For live partners, and for what is technical: leases, back-offs, time-outs."""
    return datetime.now(UTC)


class SqlClocks:
    """`clocks` has a row for each sandbox partner; it only ever moves forward."""

    def __init__(self, sql: Sql, live: Callable[[], datetime]) -> None:
        self._sql = sql
        self._live = live
        self.moved = False

    async def now(self, partner_id: PartnerId) -> datetime:
        return (await self.now_by_partner({partner_id}))[partner_id]

    async def now_by_partner(self, partner_ids: Collection[PartnerId]) -> dict[PartnerId, datetime]:
        live = self._live()
        found = dict.fromkeys(partner_ids, live)
        if sandboxes := [each for each in partner_ids if is_sandbox(each)]:
            rows = await self._sql.fetch(
                "select partner_id, now from clocks where partner_id = any($1::text[])", sandboxes
            )
            found.update({PartnerId(row["partner_id"]): row["now"] for row in rows})
        return found

    async def observe(self, seen: Mapping[PartnerId, datetime]) -> None:
        """An event from a later stop than ours has arrived first: it is that late at least."""
        seen = {partner: at for partner, at in sorted(seen.items()) if is_sandbox(partner)}
        if not seen:
            return
        rows = await self._sql.fetch(
            """
            insert into clocks as c (partner_id, now)
            select * from unnest($1::text[], $2::timestamptz[])
            on conflict (partner_id) do update set now = excluded.now where c.now < excluded.now
            returning partner_id""",
            list(seen),
            list(seen.values()),
        )
        self.moved = self.moved or bool(rows)

    async def step(
        self, partner_id: PartnerId, clock_id: str, now: datetime, place: tuple[int, int, int]
    ) -> None:
        """Follow `clock.stepped`; `place` is (step, phase, round), and an older one changes nothing."""
        await self._sql.execute(
            """
            insert into clocks as c (partner_id, clock_id, now, step, phase, round)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (partner_id) do update
            set clock_id = excluded.clock_id, now = greatest(c.now, excluded.now),
                step = excluded.step, phase = excluded.phase, round = excluded.round
            where (c.step, c.phase, c.round) <= (excluded.step, excluded.phase, excluded.round)""",
            partner_id,
            clock_id,
            now,
            *place,
        )
        self.moved = True
