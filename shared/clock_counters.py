"""How many events of a sandbox partner were sent and handled here, by topic: sums that only rise."""

from collections import Counter
from typing import Final, Literal

from shared.ids import PartnerId, is_sandbox
from shared.sql import Sql

Direction = Literal["sent", "handled"]
# The clock's own messages are not what it counts.
UNCOUNTED: Final = frozenset({"clock.stepped", "clock.settled"})


class ClockCounters:
    """Counts in memory and writes last in the transaction, so that its rows are locked briefly and
    in one order. A transaction without an event of a sandbox partner writes nothing.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._counted: Counter[tuple[PartnerId, Direction, str]] = Counter()

    @property
    def any(self) -> bool:
        return bool(self._counted)

    def count(self, direction: Direction, partner_id: str, topic: str) -> None:
        if is_sandbox(PartnerId(partner_id)) and topic not in UNCOUNTED:
            self._counted[PartnerId(partner_id), direction, topic] += 1

    async def write(self) -> None:
        if not self._counted:
            return
        names = sorted(self._counted)
        await self._sql.execute(
            """
            insert into clock_counters as c (partner_id, direction, topic, n)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
            on conflict (partner_id, direction, topic) do update set n = c.n + excluded.n""",
            [partner_id for partner_id, _, _ in names],
            [direction for _, direction, _ in names],
            [topic for _, _, topic in names],
            [self._counted[name] for name in names],
        )
