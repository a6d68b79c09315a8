"""Turns in a burst after a rest, and then apart from each other."""

import pytest

from shared.pace import BURST_SECONDS, Pace


class Time:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def elapsed(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self, turns_a_second: float) -> Pace:
        return Pace(turns_a_second, elapsed=self.elapsed, sleep=self.sleep)


async def test_after_a_rest_come_as_many_turns_at_once_as_two_seconds_bring() -> None:
    time = Time()
    pace = time.pace(8)

    waited = [await pace.turn() for _ in range(BURST_SECONDS * 8 + 1)]

    assert not any(waited)
    assert time.now == 1000


async def test_then_each_turn_waits_for_its_time() -> None:
    time = Time()
    pace = time.pace(8)
    for _ in range(BURST_SECONDS * 8 + 1):
        await pace.turn()

    waited = [await pace.turn() for _ in range(24)]

    assert all(waited)
    assert time.now == pytest.approx(1003)


async def test_a_short_rest_gives_back_what_it_lasted() -> None:
    time = Time()
    pace = time.pace(8)
    for _ in range(50):
        await pace.turn()

    time.now += 1
    waited = [await pace.turn() for _ in range(9)]

    assert waited.count(False) == 8


async def test_without_a_bound_nobody_waits() -> None:
    time = Time()
    pace = Pace(elapsed=time.elapsed, sleep=time.sleep)

    assert not any([await pace.turn() for _ in range(10_000)])
