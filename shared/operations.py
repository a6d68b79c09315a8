"""What ops and the embedded runner ask a process: is it alive, ready, quiet; and its metrics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import telemetry
from shared.clock import system_now
from shared.kafka import Consumption
from shared.transaction import Transactions

NO_EFFECTS = "select '' as partner_id, '' as item where false"
MOST_NAMED = 20


class Operations:
    """`consumption` is None in a process that reads nothing."""

    def __init__(
        self,
        service: str,
        transactions: Transactions,
        open_effects: str,
        reads: Sequence[str] = (),
        stuck_effects: str = NO_EFFECTS,
    ) -> None:
        self.service = service
        self.started = False
        self.consumption: Consumption | None = None
        self._transactions = transactions
        self._open_effects = f"select count(*) from ({open_effects}) e"  # noqa: S608  our own text
        self._stuck_effects = f"select item, count(*) over () as n from ({stuck_effects}) e"  # noqa: S608  our own text
        self._reads = list(reads)

    async def why_not_ready(self) -> str | None:
        if not self.started:
            return "not started"
        if self.consumption is not None and not self.consumption.ready:
            return self.consumption.lost or "the consumer is not assigned"
        try:
            async with self._transactions.begin() as tx:
                await tx.sql.fetchval("select 1")
        except Exception as error:  # noqa: BLE001  any reason makes us unready
            return f"database: {type(error).__name__}"
        return None

    async def status(self) -> dict[str, Any]:
        """Counts that are all zero when there is nothing left to do at the present time."""
        async with self._transactions.begin() as tx:
            row = await tx.sql.fetchrow(COUNTS, self._transactions.live())
            effects = await tx.sql.fetchval(self._open_effects)
            stuck = await tx.sql.fetch(f"{self._stuck_effects} limit {MOST_NAMED}")
            clocks = await tx.sql.fetch(NEXT_DUE)
        lag = await self.consumption.lag() if self.consumption is not None else 0
        found = {**dict(row or {}), "open_effects": effects, "lag": lag}
        _tell(found, system_now())
        telemetry.EFFECTS_STUCK.set(stuck[0]["n"] if stuck else 0)
        return {
            "service": self.service,
            "ready": await self.why_not_ready() is None,
            **{name: value for name, value in found.items() if not isinstance(value, datetime)},
            "stuck_effects": [each["item"] for each in stuck],
            "reads": self._reads,
            "clocks": [dict(each) for each in clocks],
        }


COUNTS = """
select (select count(*) from outbox where published_at is null) as outbox_pending,
       (select min(created_at) from outbox where published_at is null) as outbox_oldest,
       (select count(*) from parked where state = 'parked') as parked,
       (select count(*) from parked where state = 'dead') as dead,
       (select count(*) from held) as held,
       (select min(held_at) from held) as held_oldest,
       (select count(*) from timers t left join clocks c
            on t.sandbox and c.partner_id = t.partner_id
        where t.fired_at is null
          and t.due_at <= case when t.sandbox then least(c.now, c.fires_until) else $1 end
       ) as timers_due,
       (select coalesce(max(seq), 0) from outbox) as last_seq,
       (select count(*) from inbox) as taken
"""
NEXT_DUE = """
select c.partner_id, c.now, c.step,
       (select min(t.due_at) from timers t
        where t.partner_id = c.partner_id and t.sandbox and t.fired_at is null) as next_due_at
from clocks c order by c.partner_id
"""


def _tell(found: dict[str, Any], now: datetime) -> None:
    telemetry.OUTBOX_PENDING.set(found["outbox_pending"])
    telemetry.OUTBOX_AGE.set(_age(found["outbox_oldest"], now))
    telemetry.PARKED.set(found["parked"])
    telemetry.DEAD.set(found["dead"])
    telemetry.HELD.set(_age(found["held_oldest"], now))
    telemetry.TIMERS_OVERDUE.set(found["timers_due"])


def _age(since: datetime | None, now: datetime) -> float:
    return 0 if since is None else max((now - since).total_seconds(), 0)


def operational_routes(operations: Operations) -> APIRouter:
    """For the separate port only: none of this belongs on the public one."""
    router = APIRouter()

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """The loop turns. A consumer that stands still ends the process by itself."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        reason = await operations.why_not_ready()
        if reason:
            response.status_code = 503
            return {"status": "unready", "reason": reason}
        return {"status": "ready"}

    @router.get("/status")
    async def status() -> dict[str, Any]:
        return await operations.status()

    @router.get("/metrics")
    async def metrics() -> Response:
        await operations.status()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
