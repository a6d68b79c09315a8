"""What time it is, per partner: the system's clock, or where a sandbox partner's stands."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from shared.clock_counters import ClockCounters
from shared.ids import PartnerId, is_sandbox
from shared.sql import Sql

EVERYBODY: Final = "everybody"
NOBODY: Final = "nobody"


class Place(NamedTuple):
    """Where a test clock is on its way; a later place is greater."""

    step: int
    phase: int
    round: int


class Clocks(Protocol):
    """What an edge may ask, inside its transaction."""

    async def now(self, partner_id: PartnerId) -> datetime: ...

    async def now_by_partner(self, partner_ids: Collection[PartnerId]) -> dict[PartnerId, datetime]:
        """One instant for each partner; two live partners share the same."""


def system_now() -> datetime:
    """For live partners, and for what is technical: leases, back-offs, time-outs."""
    return datetime.now(UTC)


class SqlClocks:
    """`clocks` has a row for each sandbox partner; it only ever moves forward.

    While its clock rests, timers fire as they fall due. While it advances they fire in this
    service's turn only, and only those of the stop that the turn is for, even if an event of a later
    stop has been heard already.
    """

    def __init__(
        self, sql: Sql, live: Callable[[], datetime], service: str, counters: ClockCounters
    ) -> None:
        self._sql = sql
        self._live = live
        self._service = service
        self.counters = counters
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
        """An event from a later stop than ours has arrived first: it is that late at least.

        The row is locked only where it moves, since every event of the partner comes by here.
        """
        seen = {partner: at for partner, at in sorted(seen.items()) if is_sandbox(partner)}
        if not seen:
            return
        rows = await self._sql.fetch(
            """
            insert into clocks as c (partner_id, now)
            select t.partner_id, t.at from unnest($1::text[], $2::timestamptz[]) as t(partner_id, at)
            where not exists (select from clocks known
                              where known.partner_id = t.partner_id and known.now >= t.at)
            on conflict (partner_id) do update set now = excluded.now where c.now < excluded.now
            returning partner_id""",
            list(seen),
            list(seen.values()),
        )
        self.moved = self.moved or bool(rows)

    async def step(
        self,
        partner_id: PartnerId,
        clock_id: str,
        now: datetime,
        place: tuple[int, int, int],
        turn: str = EVERYBODY,
    ) -> None:
        """Follow `clock.stepped`; an older place than the one we know changes nothing."""
        await self._sql.execute(
            """
            insert into clocks as c (partner_id, clock_id, now, step, phase, round, turn,
                                     fires_until)
            values ($1, $2, $3, $4, $5, $6, $7,
                    case when $7 = 'everybody' then 'infinity'
                         when $7 = $8 then $3::timestamptz else '-infinity' end)
            on conflict (partner_id) do update
            set clock_id = excluded.clock_id, now = greatest(c.now, excluded.now),
                step = excluded.step, phase = excluded.phase, round = excluded.round,
                turn = excluded.turn, fires_until = excluded.fires_until
            where (c.step, c.phase, c.round) <= (excluded.step, excluded.phase, excluded.round)""",
            partner_id,
            clock_id,
            now,
            *place,
            turn,
            self._service,
        )
        self.moved = True
