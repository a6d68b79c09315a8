"""A commit wakes the loops that it has work for, and lets the others sleep."""

import asyncio
import time

import pytest

from shared.transaction import EVENTS, INTENTS, TIMERS, Sleeper, Wake


async def slept(sleeper: Sleeper) -> bool:
    """Whether it slept out its time; it is woken at once, or not at all."""
    begun = time.monotonic()
    await sleeper.sleep(0.05)
    return time.monotonic() - begun >= 0.05


@pytest.mark.parametrize("work", [EVENTS, TIMERS, "mails"])
async def test_a_loop_wakes_for_its_own_work_and_sleeps_through_that_of_others(work: str) -> None:
    wake = Wake()
    mine = wake.sleeper(work)
    others = wake.sleeper(*{EVENTS, TIMERS, "mails", "refunds"} - {work})

    wake.all(work)

    assert not await slept(mine)
    assert await slept(others)


async def test_who_waits_for_anything_wakes_for_everything() -> None:
    wake = Wake()
    sleeper = wake.sleeper()

    for work in (EVENTS, TIMERS, "mails"):
        wake.all(work)
        assert not await slept(sleeper)
        sleeper.clear()


async def test_what_wakes_a_loop_while_it_works_is_not_forgotten() -> None:
    wake = Wake()
    sleeper = wake.sleeper(INTENTS)
    sleeper.clear()

    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0)).add_done_callback(lambda _: wake.all(INTENTS))

    assert not await slept(sleeper)
