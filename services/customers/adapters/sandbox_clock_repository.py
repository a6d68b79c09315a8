"""The only SQL that writes test clocks with what the services have told them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from services.customers.adapters.published import to_contract
from services.customers.domain.clock_answer import Answer, Obstacle, Place
from services.customers.domain.sandbox_clock import (
    ClockStatus,
    ClockStepped,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
    SandboxClockNotFound,
)
from shared.clock import SqlClocks
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql


class SandboxClockRepository:
    """What it saves holds for this service's own clock too, before the event comes round."""

    def __init__(self, sql: Sql, outbox: Outbox, clocks: SqlClocks) -> None:
        self._sql = sql
        self._outbox = outbox
        self._clocks = clocks

    async def get_many(
        self, keys: Collection[SandboxClockKey]
    ) -> dict[SandboxClockKey, SandboxClock]:
        rows = await self._sql.fetch(
            """
            select * from test_clocks
            where (partner_id, id) in (select * from unnest($1::text[], $2::text[]))
            order by id for update""",
            [each.partner_id for each in keys],
            [each.id for each in keys],
        )
        found = {each.key: each for each in map(_clock, rows)}
        if missing := sorted(set(keys) - found.keys()):
            raise SandboxClockNotFound(f"no test clock {missing[0].id}")
        return found

    async def save(
        self, clock: SandboxClock, events: Sequence[ClockStepped], origin: Origin
    ) -> None:
        await self._sql.execute(
            """
            insert into test_clocks as c (id, partner_id, version, status, step, phase, round,
                                          now, target, turn, moved_at, answers, failure)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                    $12::text::jsonb, $13::text::jsonb)
            on conflict (id) do update
            set version = $3, status = $4, step = $5, phase = $6, round = $7, now = $8,
                target = $9, turn = $10, moved_at = $11, answers = excluded.answers,
                failure = excluded.failure
            where c.partner_id = $2""",
            clock.id,
            clock.partner_id,
            clock.version,
            clock.status,
            clock.step,
            clock.phase,
            clock.round,
            clock.now,
            clock.target,
            clock.turn,
            clock.moved_at,
            orjson.dumps([_stored(each) for each in clock.answers.values()]).decode(),
            clock.failure and orjson.dumps(asdict(clock.failure)).decode(),
        )
        for each in events:
            await self._clocks.step(
                clock.partner_id, clock.id, each.clock.now, each.clock.place, each.clock.turn
            )
        await self._outbox.add(
            [Outgoing(to_contract(each, origin.actor), origin, each.at) for each in events]
        )


def _clock(row: Any) -> SandboxClock:
    answers = [_answer(each) for each in row["answers"]]
    return SandboxClock(
        id=SandboxClockId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        version=row["version"],
        status=ClockStatus(row["status"]),
        step=row["step"],
        phase=row["phase"],
        round=row["round"],
        now=row["now"],
        target=row["target"],
        turn=row["turn"],
        moved_at=row["moved_at"],
        answers={each.service: each for each in answers},
        failure=Obstacle(**row["failure"]) if row["failure"] else None,
    )


def _stored(answer: Answer) -> dict[str, Any]:
    return {**asdict(answer), "place": list(answer.place)}


def _answer(stored: dict[str, Any]) -> Answer:
    due = stored["next_due_at"]
    return Answer(
        **{
            **stored,
            "place": Place(*stored["place"]),
            "next_due_at": datetime.fromisoformat(due) if due else None,
        }
    )
