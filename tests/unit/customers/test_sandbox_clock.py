from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.customers.domain.sandbox_clock import (
    BeyondClock,
    ClockAdvancing,
    ClockNeverGoesBack,
    ClockStatus,
    ClockStepped,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
)
from shared.ids import PartnerId
from tests.unit.customers.stories import NOW

KEY = SandboxClockKey(PartnerId("ptn_test_acme"), SandboxClockId("clk_1"))
TOMORROW = NOW + timedelta(days=1)


def a_clock() -> SandboxClock:
    clock, _ = SandboxClock.frozen(KEY, NOW)
    return clock


def test_a_new_clock_stands_at_its_first_stop_and_says_so() -> None:
    clock, events = SandboxClock.frozen(KEY, NOW)

    assert events == [ClockStepped(clock)]
    assert (clock.step, clock.now, clock.status) == (0, NOW, ClockStatus.READY)


def test_advancing_is_one_stop_at_the_target() -> None:
    clock = a_clock()

    events = clock.advance(TOMORROW)

    assert events == [ClockStepped(clock)]
    assert (clock.step, clock.now, clock.version) == (1, TOMORROW, 2)
    assert events[0].at == TOMORROW


def test_advancing_to_where_it_stands_is_no_stop() -> None:
    clock = a_clock()

    assert clock.advance(NOW) == []
    assert clock.step == 0


def test_a_clock_never_goes_back() -> None:
    clock = a_clock()

    with pytest.raises(ClockNeverGoesBack) as refused:
        clock.advance(NOW - timedelta(seconds=1))

    assert refused.value.field == "to"
    assert clock == a_clock()


def test_a_clock_goes_one_way_at_a_time() -> None:
    clock = a_clock()
    clock.status = ClockStatus.ADVANCING

    with pytest.raises(ClockAdvancing):
        clock.advance(TOMORROW)


@pytest.mark.parametrize(
    "to",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(1999, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_clock_stays_where_dates_can_be_counted(to: datetime) -> None:
    with pytest.raises(BeyondClock):
        a_clock().advance(to)


def test_a_time_of_another_offset_is_kept_in_utc() -> None:
    clock = a_clock()

    clock.advance(TOMORROW.astimezone(timezone(timedelta(hours=5))))

    assert clock.now.tzinfo is UTC
