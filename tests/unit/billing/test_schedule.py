from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.schedule import Schedule
from shared.calendar import Interval, local_date
from tests.unit.billing.stories import BERLIN, MONTH, midnight

intervals = st.sampled_from(
    [Interval("day"), Interval("week"), MONTH, Interval("month", 3), Interval("year")]
)
days = st.dates(date(2023, 1, 1), date(2028, 12, 31))
schedules = st.builds(
    Schedule, days, st.integers(-5, 20), st.sampled_from([BERLIN, "America/Sao_Paulo"]), intervals
)


@given(schedules, st.integers(20, 60))
def test_periods_follow_each_other_without_gap_and_none_is_empty(
    schedule: Schedule, no: int
) -> None:
    period = schedule.period(no)

    assert period.start < period.end == schedule.period(no + 1).start


@given(schedules, st.integers(20, 40), st.timedeltas(timedelta(0), timedelta(days=800)))
def test_letting_boundaries_pass_keeps_the_billing_day_and_finds_the_next_one(
    schedule: Schedule, no: int, waited: timedelta
) -> None:
    at = schedule.start(no) + waited

    slid = schedule.not_before(at, no)

    assert slid.start(no) >= at
    assert slid.start(no - 1) < at or slid == schedule
    assert slid.anchor_on == schedule.anchor_on


def test_a_month_end_comes_back_after_february() -> None:
    schedule = Schedule.first(datetime(2023, 1, 31, 10, tzinfo=UTC), 0, BERLIN, MONTH)

    starts = [local_date(schedule.start(no), BERLIN) for no in range(1, 15)]

    assert [each.day for each in starts] == [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29, 31]


def test_a_trial_is_period_nought_and_ends_on_the_anchor() -> None:
    schedule = Schedule.first(datetime(2026, 1, 31, 10, tzinfo=UTC), 14, BERLIN, MONTH)

    assert (schedule.start(1), schedule.start(2)) == (midnight(2026, 2, 14), midnight(2026, 3, 14))


def test_a_restart_moves_the_billing_day_to_the_local_day_of_the_payment() -> None:
    schedule = Schedule(date(2026, 1, 31), 0, BERLIN, MONTH)

    moved = schedule.restarted(datetime(2026, 3, 9, 23, 30, tzinfo=UTC), 1)

    assert moved.start(2) == midnight(2026, 4, 10)
