"""Says `clock.settled`: what this service has done at a stop of an advancing test clock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from shared.clock import NOBODY, Place, system_now
from shared.clock_counters import UNCOUNTED
from shared.contracts.clock import ClockSettled, ClockSettledState
from shared.contracts.event import CONTRACTS, Change, EventContract
from shared.database import persistently
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.transaction import Transaction, Wake

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.5
BUSY_SECONDS = 0.02
GATHER_SECONDS = 0.004
TELL_BUSY_SECONDS: Final = 5
NAMED: Final = 5

# One statement, so one moment: what it counts and what it finds open belong together.
LOOK = """
select c.*,
    (select min(t.due_at) from timers t
     where t.partner_id = c.partner_id and t.sandbox and t.fired_at is null) as next_due_at,
    (select coalesce(jsonb_object_agg(n.topic, n.n), '{{}}') from clock_counters n
     where n.partner_id = c.partner_id and n.direction = 'sent') as sent,
    (select coalesce(jsonb_object_agg(n.topic, n.n), '{{}}') from clock_counters n
     where n.partner_id = c.partner_id and n.direction = 'handled') as handled,
    (select count(*) from ({open_effects}) e where e.partner_id = c.partner_id)
    + (select count(*) from held h where h.partner_id = c.partner_id) as open_effects,
    array(select e.item from ({open_effects}) e where e.partner_id = c.partner_id
          order by e.item limit {named})
    || array(select h.topic || ' ahead of its turn for ' || h.subject from held h
             where h.partner_id = c.partner_id order by h.subject, h.version limit {named}) as open,
    array(select 'letter ' || p.n || ' (' || p.topic || '): ' || p.reason || ', ' || p.detail
          from parked p
          where p.partner_id = c.partner_id and p.state in ('parked', 'dead')
            and p.topic = any($1::text[]) and p.reason <> 'behind' order by p.n limit {named})
    || array(select 'timer ' || t.kind || ' of ' || t.subject || ': ' || coalesce(t.detail, '')
             from timers t
             where t.partner_id = c.partner_id and t.sandbox and t.fired_at is null
               and t.attempts > 0 and t.not_before > $2 order by t.due_at limit {named}) as stuck
from clocks c where c.turn <> 'everybody' and c.clock_id is not null order by c.partner_id"""


@dataclass(frozen=True)
class Look:
    """What was found of one clock, as a row of `LOOK`."""

    row: Any
    service: str
    digest: bytes

    @property
    def place(self) -> Place:
        return Place(self.row["step"], self.row["phase"], self.row["round"])

    @property
    def unanswered(self) -> bool:
        """Only who is asked must speak: whoever has the turn, and all while nobody has it."""
        asked = self.row["turn"] in {self.service, NOBODY}
        return asked and list(self.place) != self.row["answered"]

    @property
    def news(self) -> bool:
        return self.unanswered or self.digest != self.row["told"]

    @property
    def fires(self) -> bool:
        due = self.row["next_due_at"]
        return self.row["turn"] == self.service and due is not None and due <= self.row["now"]

    @property
    def at_rest(self) -> bool:
        return bool(self.row["stuck"]) or not (self.row["open_effects"] or self.fires)


class ClockFollower:
    """It speaks when it is asked and at rest, again whenever that changes, and every few seconds
    while it is busy, with the names of what it is busy with.

    Any replica may speak: what was told stands in the database, and only one can be the next.
    """

    def __init__(
        self,
        service: str,
        begin: Callable[[], AbstractAsyncContextManager[Transaction]],
        topics: Collection[str],
        open_effects: str,
        catch_up: Callable[[Collection[str]], Awaitable[None]] | None = None,
    ) -> None:
        """`open_effects` is a query of (partner_id, item); `catch_up` returns when what stands on
        the topics of an outside system at the call is handled, since nobody counts those.
        """
        ours = {name for name in topics if issubclass(CONTRACTS[name], EventContract)}
        self._service = service
        self._begin = begin
        self._reads = sorted(ours - UNCOUNTED)
        self._outside = sorted(set(topics) - ours)
        self._look = LOOK.format(open_effects=open_effects, named=NAMED)
        self._catch_up = catch_up
        self._catching_up: dict[tuple[str, Place], asyncio.Task[None]] = {}
        self._busy_since: dict[str, float] = {}

    async def run(self, wake: Wake) -> None:
        sleeper = wake.sleeper()
        while True:
            sleeper.clear()
            try:
                busy = await persistently(self.speak)
            except Exception:
                log.exception("clock.not_settled")
                busy = False
            # What ends in these moments is one look; not all that ends the work wakes us.
            await asyncio.sleep(GATHER_SECONDS)
            await sleeper.sleep(BUSY_SECONDS if busy else IDLE_SECONDS)

    async def speak(self) -> bool:
        """Tell what is new; True while an answer is owed and work is left."""
        async with self._begin() as tx:
            looks = [
                Look(row, self._service, _digest(row))
                for row in await tx.sql.fetch(self._look, self._reads, system_now())
            ]
            self._forget_all_but({each.row["clock_id"] for each in looks})
            told = [each for each in looks if self._speaks(each)]
            await self._tell(told, tx)
        return any(each.news and self._is_fresh(each) for each in looks if each not in told)

    def _speaks(self, look: Look) -> bool:
        clock_id = look.row["clock_id"]
        if not look.news or not self._has_caught_up(look):
            return False
        if look.at_rest:
            self._busy_since.pop(clock_id, None)
            return True
        since = self._busy_since.setdefault(clock_id, time.monotonic())
        if time.monotonic() - since < TELL_BUSY_SECONDS:
            return False
        self._busy_since[clock_id] = time.monotonic()
        return True

    def _is_fresh(self, look: Look) -> bool:
        """After a while of work that does not end there is no point in looking all the time."""
        since = self._busy_since.get(look.row["clock_id"], time.monotonic())
        return time.monotonic() - since < TELL_BUSY_SECONDS / 2

    def _has_caught_up(self, look: Look) -> bool:
        """What stood on outside topics when the clock asked is part of the present instant."""
        if not (
            self._catch_up and self._outside and look.unanswered and look.row["turn"] == NOBODY
        ):
            return True
        name = look.row["clock_id"], look.place
        task = self._catching_up.get(name)
        if task is None or (task.done() and task.exception()):
            self._catching_up[name] = asyncio.ensure_future(self._catch_up(self._outside))
            return False
        return task.done()

    def _forget_all_but(self, clock_ids: Collection[str]) -> None:
        for name in [name for name in self._catching_up if name[0] not in clock_ids]:
            self._catching_up.pop(name).cancel()
        for clock_id in self._busy_since.keys() - clock_ids:
            del self._busy_since[clock_id]

    async def _tell(self, told: Collection[Look], tx: Transaction) -> None:
        if not told:
            return
        mine = await tx.sql.fetch(
            """
            update clocks c set answers = c.answers + 1, told = t.told,
                answered = array[t.step, t.phase, t.round]
            from unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[],
                        $6::bigint[]) as t(partner_id, answers, told, step, phase, round)
            where c.partner_id = t.partner_id and c.answers = t.answers
            returning c.partner_id""",
            [each.row["partner_id"] for each in told],
            [each.row["answers"] for each in told],
            [each.digest for each in told],
            *([each.place[n] for each in told] for n in range(3)),
        )
        spoken = {row["partner_id"] for row in mine}
        await tx.outbox.add([self._said(each) for each in told if each.row["partner_id"] in spoken])

    def _said(self, look: Look) -> Outgoing:
        row, actor = look.row, f"service:{self._service}"
        state = ClockSettledState(
            partner_id=PartnerId(row["partner_id"]),
            version=row["answers"] + 1,
            clock_id=row["clock_id"],
            service=self._service,
            step=row["step"],
            phase=row["phase"],
            round=row["round"],
            next_due_at=row["next_due_at"],
            sent=row["sent"],
            handled=row["handled"],
            reads=self._reads,
            open_effects=row["open_effects"],
            open=row["open"],
            stuck=row["stuck"],
        )
        event = ClockSettled(
            settled=state, change=Change(kind="settled", actor=actor, at=row["now"])
        )
        return Outgoing(event, Origin.first(actor, row["clock_id"]), row["now"])


def _digest(row: Any) -> bytes:
    parts = ("next_due_at", "sent", "handled", "open_effects", "open", "stuck")
    found = [row[name] for name in parts]
    return sha256(repr(found).encode()).digest()[:16]
