"""How often the intent loop asks for work: as often as there may be some, and no more."""

import asyncio
from collections.abc import Sequence

from shared.intents import IntentLoop
from shared.transaction import Wake


class Queue:
    """Intents are numbers; `limits` is how many were asked for, each time."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.limits: list[int] = []
        self.settled = 0
        self.gate = asyncio.Event()

    async def claim(self, limit: int) -> Sequence[int]:
        self.limits.append(limit)
        taken = min(limit, self.waiting)
        self.waiting -= taken
        return range(taken)

    async def perform(self, _: int) -> None:
        await self.gate.wait()

    async def settle(self, outcomes: Sequence[tuple[int, None]]) -> None:
        self.settled += len(outcomes)


async def test_fewer_than_asked_for_means_that_there_are_no_more() -> None:
    queue = Queue(waiting=3)
    loop = IntentLoop("calls", queue.claim, queue.perform, queue.settle, at_once=4)
    running = asyncio.create_task(loop.run(Wake()))

    await asyncio.sleep(0.05)

    assert queue.limits == [4]
    running.cancel()


async def test_what_is_intended_by_a_settlement_is_asked_for_at_once_and_nothing_else() -> None:
    wake, queue = Wake(), Queue(waiting=3)
    loop = IntentLoop("calls", queue.claim, queue.perform, queue.settle, at_once=4)
    running = asyncio.create_task(loop.run(wake))
    await asyncio.sleep(0.05)

    queue.gate.set()
    await asyncio.sleep(0.05)
    assert (queue.settled, queue.limits) == (3, [4])

    queue.waiting = 1
    wake.all("calls")
    await asyncio.sleep(0.05)
    assert queue.settled == 4
    running.cancel()


async def test_a_full_claim_is_followed_by_another_as_soon_as_there_is_room() -> None:
    queue = Queue(waiting=6)
    queue.gate.set()
    loop = IntentLoop("calls", queue.claim, queue.perform, queue.settle, at_once=4)
    running = asyncio.create_task(loop.run(Wake()))

    await asyncio.sleep(0.05)

    assert queue.settled == 6
    running.cancel()
