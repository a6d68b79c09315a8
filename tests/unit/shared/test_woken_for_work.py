"""A commit wakes the loops that it has work for, and lets the others sleep."""

import asyncio
import time

import pytest

from shared.transaction import Sleeper, Wake, Work


async def slept(sleeper: Sleeper) -> bool:
    """Whether it slept out its time; it is woken at once, or not at all."""
    begun = time.monotonic()
    await sleeper.sleep(0.05)
    return time.monotonic() - begun >= 0.05


@pytest.mark.parametrize("work", [Work.EVENTS, Work.TIMERS, Work.INTENTS])
async def test_a_loop_wakes_for_its_own_work_and_sleeps_through_that_of_others(work: Work) -> None:
    wake = Wake()
    mine, others = wake.sleeper(work), wake.sleeper(Work.ANY & ~work)

    wake.all(work)

    assert not await slept(mine)
    assert await slept(others)


async def test_who_waits_for_anything_wakes_for_everything() -> None:
    wake = Wake()
    sleeper = wake.sleeper()

    for work in (Work.EVENTS, Work.TIMERS, Work.INTENTS):
        wake.all(work)
        assert not await slept(sleeper)
        sleeper.clear()


async def test_what_wakes_a_loop_while_it_works_is_not_forgotten() -> None:
    wake = Wake()
    sleeper = wake.sleeper(Work.INTENTS)
    sleeper.clear()

    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0)).add_done_callback(lambda _: wake.all(Work.INTENTS))

    assert not await slept(sleeper)
