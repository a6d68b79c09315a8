"""Bugs in handing events over: told too rarely, or heeded too often."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.notifier.domain.occasion import Occasion
from services.notifier.use_cases import follow_subscriptions as following
from services.notifier.use_cases.ports import Transaction
from shared import relay
from shared.ids import PartnerId
from shared.inbox import Arrival, Claim, Inbox


async def no_inbox() -> None:
    async def claim(self: Inbox, arrivals: Collection[Arrival], taken_at: datetime) -> Claim:
        del self, taken_at
        return Claim({each.name for each in arrivals}, set())

    Inbox.claim = claim  # type: ignore[method-assign]
    Inbox.claim_unless_parked = claim  # type: ignore[method-assign]


async def cursor() -> None:
    """What commits behind a position that was read already is never seen again."""
    scan = relay.Relay._connected  # noqa: SLF001  it is meant to be broken

    class Positioned:
        """A connection that reads on from the last row it has seen."""

        def __init__(self, sql: Any) -> None:
            self._sql = sql
            self._last = -1

        def __getattr__(self, name: str) -> Any:
            return getattr(self._sql, name)

        async def fetch(self, query: str, *given: Any) -> Any:
            if "published_at is null" not in query:
                return await self._sql.fetch(query, *given)
            if self._last < 0:
                self._last = await self._sql.fetchval(
                    "select coalesce(max(seq), 0) from outbox where published_at is not null"
                )
            wanted = query.replace("published_at is null", f"seq > {self._last}")
            rows = await self._sql.fetch(wanted, *given)
            self._last = max([self._last, *(row["seq"] for row in rows)])
            return rows

    async def connected(self: relay.Relay) -> Any:
        sql, producer = await scan(self)
        if not isinstance(sql, Positioned):
            sql = self._sql = Positioned(sql)
        return sql, producer

    relay.Relay._connected = connected  # type: ignore[method-assign]  # noqa: SLF001


async def version_guard() -> None:
    tell = following.tell  # type: ignore[attr-defined]

    async def tell_the_newest(
        occasions: Sequence[Occasion],
        tx: Transaction,
        now_by_partner: Mapping[PartnerId, datetime],
    ) -> None:
        known = await tx.subscriptions.get_many({each.key for each in occasions if each.key})
        fresh = [
            each
            for each in occasions
            if each.key is None
            or each.subscription is None
            or each.key not in known
            or each.subscription.version >= known[each.key].version
        ]
        await tell(fresh, tx, now_by_partner)

    following.tell = tell_the_newest  # type: ignore[attr-defined]
