"""What the loops of all processes do by themselves, one step at a time, in an order that chance picks."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random

import orjson

from services.billing.consumers.subscriptions import ALL
from tests.model.chance import chance_of
from tests.model.clock import A_MOMENT
from tests.model.process import Process
from tests.model.trouble import FAULTS
from tests.model.waiting import Work, work_of
from tests.model.webhooks import bring
from tests.model.world import World

SUBSCRIPTION_TOPICS = frozenset(each.type for each in ALL)
MOST_ROUNDS = 400
A_POLL = 500
HOW_OFTEN_IT_FAILS = 0.2
LOSES_A_WEBHOOK = 0.2
Step = Callable[[Process, Random], Awaitable[None]]


class Restless(AssertionError):
    """There is always something left to do."""


class Flow:
    """`some` is a few steps with faults in them; `settle` is all that can be done at this instant,
    and `rest` lets time pass until nothing is open, with an outside that answers again.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = chance_of(0)
        self._quiet: dict[str, tuple[int, datetime]] = {}
        world.billing.before_fire["renewal"] = self._hear_what_was_decided
        world.billing.service.timers.before_fire.update(world.billing.before_fire)

    async def some(self, chance: Random, steps: int) -> None:
        for _ in range(steps):
            process = chance.choice(list(self.world.processes.values()))
            if chance.random() < HOW_OFTEN_IT_FAILS:
                process.trouble.plan(chance.choice(FAULTS), chance.randint(0, 2))
            step = chance.choice((self._relay, self._deliver, self._deliver, self._work))
            await process.survive(lambda at=process, do=step: do(at, chance))  # type: ignore[misc]
            process.trouble.plan(None)
            if process is self.world.billing and chance.random() < 0.3:
                await bring(self.world, chance)

    async def settle(self) -> None:
        for _ in range(MOST_ROUNDS):
            busy = False
            for process in self.world.processes.values():
                busy = await self._turn(process) or busy
            if not busy:
                return
        raise Restless(f"at {self.world.clock.instant}: {await self._left()}")

    async def rest(self, chance: Random) -> None:
        self.world.gateway.heal()
        self.world.panel.trouble = self.world.mailbox.trouble = 0
        await bring(self.world, chance, most=None, loses=LOSES_A_WEBHOOK)
        for _ in range(MOST_ROUNDS):
            await self.settle()
            await bring(self.world, chance, most=None, loses=LOSES_A_WEBHOOK)
            opened = [each for each in await self._left() if each.open]
            if not opened:
                return
            self.world.clock.move_to(min(each.at for each in opened) + A_MOMENT)
        raise Restless(f"at {self.world.clock.instant}: {await self._left()}")

    async def walk_to(self, instant: datetime) -> None:
        """What moves money or a subscription happens when it is due; mails may be a little late."""
        while True:
            await self.settle()
            following = await self.next_due()
            if following is None or following > instant:
                break
            self.world.clock.move_to(following)
        self.world.clock.move_to(instant)
        await self.settle()

    async def next_due(self) -> datetime | None:
        """When the money or the life of a subscription next moves by itself."""
        of = (self.world.billing, self.world.subscriptions)
        times = [each.at for process in of for each in await work_of(process)]
        return min((each for each in times if each > self.world.clock.instant), default=None)

    async def _left(self) -> list[Work]:
        return [
            each for process in self.world.processes.values() for each in await work_of(process)
        ]

    async def _turn(self, process: Process) -> bool:
        """All that this process can do now; whether it did anything."""
        if not process.reader.waits() and not process.answered and self._is_quiet(process):
            return False
        before = process.trouble.commits
        calls, process.answered = process.answered, []
        await process.settle(calls)
        heard = await self._hear_all(process)
        due = {each.what for each in await self._due(process)}
        if "relay" in due:
            await self.relay(process)
        if "timers" in due:
            await process.service.timers.fire_due()
        if "parked" in due:
            await process.service.consumer.retry_parked()
        for loop in process.service.intents:
            if loop.name in due:
                await process.call_outside(loop)
        busy = bool(heard or due or calls or process.answered)
        if not busy:
            self._quiet[process.name] = (process.trouble.commits, self.world.clock.instant)
        return busy or process.trouble.commits > before

    def _is_quiet(self, process: Process) -> bool:
        return self._quiet.get(process.name) == (process.trouble.commits, self.world.clock.instant)

    async def _due(self, process: Process) -> list[Work]:
        return [each for each in await work_of(process) if each.at <= self.world.clock.instant]

    async def _hear_all(self, process: Process) -> int:
        records = process.reader.everything(self.chance)
        for n in range(0, len(records), A_POLL):
            await process.service.consumer.deliver(records[n : n + A_POLL])
        process.reader.commit()
        return len(records)

    async def _hear_what_was_decided(self) -> None:
        """Billing's run for an instant waits until all that stood on the topics is heard."""
        billing = self.world.billing
        if records := billing.reader.everything(self.chance, SUBSCRIPTION_TOPICS):
            await billing.service.consumer.deliver(records)

    async def relay(self, process: Process, chance: Random | None = None) -> None:
        """In order; sometimes a part, and sometimes it dies before it could note what it sent."""
        rows = await process.sql.fetch(
            """
            select seq, topic, key, headers, payload from outbox
            where published_at is null order by seq limit 1000"""
        )
        if chance is not None:
            rows = rows[: chance.randint(1, max(1, len(rows)))]
        for row in rows:
            headers = orjson.loads(row["headers"])
            self.world.bus.publish(row["topic"], row["key"], bytes(row["payload"]), headers)
        if chance is not None and chance.random() < 0.1:
            return
        await process.sql.execute(
            "update outbox set published_at = $1 where seq = any($2::bigint[])",
            self.world.clock.instant,
            [row["seq"] for row in rows],
        )

    async def _relay(self, process: Process, chance: Random) -> None:
        await self.relay(process, chance)

    async def _deliver(self, process: Process, chance: Random) -> None:
        if chance.random() < 0.1:
            process.reader.repeat_some(chance)
        if records := process.reader.poll(chance):
            await process.service.consumer.deliver(records)
            if chance.random() < 0.5:
                process.reader.commit()

    async def _work(self, process: Process, chance: Random) -> None:
        """Settle an answer, or do one thing that is due."""
        if process.answered and chance.random() < 0.6:
            chance.shuffle(process.answered)
            few = chance.randint(1, len(process.answered))
            calls, process.answered = process.answered[:few], process.answered[few:]
            await process.settle(calls)
            return
        due = [each.what for each in await self._due(process) if each.what != "relay"]
        if due:
            await self._do(process, chance.choice(due))

    async def _do(self, process: Process, what: str) -> None:
        if what == "timers":
            await process.service.timers.fire_due()
        elif what == "parked":
            await process.service.consumer.retry_parked()
        else:
            [loop] = [each for each in process.service.intents if each.name == what]
            await process.call_outside(loop)
