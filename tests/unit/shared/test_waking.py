"""Loops that sleep until there may be work: none is missed, and each ends when it is told to."""

import asyncio

import pytest

from shared.intents import IntentLoop
from shared.transaction import Wake


async def _nothing(_: int) -> list[object]:
    return []


async def _never(_: object) -> None:
    raise AssertionError("there is nothing to call and nothing to settle")


async def test_a_loop_that_is_woken_in_the_moment_of_its_end_ends() -> None:
    wake = Wake()
    loop: IntentLoop[object, object] = IntentLoop("calls", _nothing, _never, _never)
    running = asyncio.create_task(loop.run(wake))
    await asyncio.sleep(0.05)

    wake.all()
    await asyncio.sleep(0)  # the waiting is over, and the loop has not had its turn yet
    running.cancel()

    done, _ = await asyncio.wait({running}, timeout=2)
    assert running in done
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_waking_while_the_loop_works_is_not_missed() -> None:
    wake = Wake()
    sleeper = wake.sleeper()
    sleeper.clear()
    wake.all()

    async with asyncio.timeout(1):
        await sleeper.sleep(60)


async def test_a_sleep_that_nobody_ends_ends_by_itself() -> None:
    sleeper = Wake().sleeper()

    async with asyncio.timeout(1):
        await sleeper.sleep(0.01)
