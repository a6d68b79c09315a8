"""Periods tile, keep their day of the month and survive every night in which clocks change."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import (
    BeyondCalendar,
    Calendar,
    Interval,
    IntervalUnit,
    InvalidInterval,
    UnknownZone,
    add_months,
    at_local_hour,
    days_later,
    local_date,
    require_zone,
    start_of_local_day,
)

# A busy machine is no failure.
UNHURRIED = settings(deadline=None)
BERLIN = "Europe/Berlin"
MONTHLY = Interval("month")
TWO_YEARS = [date(2023, 1, 1) + timedelta(days=day) for day in range(731)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dates(calendar: Calendar, count: int) -> list[str]:
    return [str(calendar.boundary_on(n)) for n in range(1, count + 1)]


# --- months: semantics B1.3 and B1.4 ---


def test_the_31st_of_january_comes_back_after_every_short_month() -> None:
    calendar = Calendar(date(2023, 1, 31), "UTC", MONTHLY)

    assert dates(calendar, 14) == [
        "2023-02-28",
        "2023-03-31",
        "2023-04-30",
        "2023-05-31",
        "2023-06-30",
        "2023-07-31",
        "2023-08-31",
        "2023-09-30",
        "2023-10-31",
        "2023-11-30",
        "2023-12-31",
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
    ]


def test_the_30th_of_january_comes_back_after_february() -> None:
    calendar = Calendar(date(2024, 1, 30), "UTC", MONTHLY)

    assert dates(calendar, 2) == ["2024-02-29", "2024-03-30"]


def test_a_year_from_a_leap_day_never_skips_a_year_and_finds_the_leap_day_again() -> None:
    calendar = Calendar(date(2024, 2, 29), "UTC", Interval("year"))

    assert dates(calendar, 4) == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_quarters_from_the_30th_of_november_keep_the_30th() -> None:
    calendar = Calendar(date(2023, 11, 30), "UTC", Interval("month", 3))

    assert dates(calendar, 5) == [
        "2024-02-29",
        "2024-05-30",
        "2024-08-30",
        "2024-11-30",
        "2025-02-28",
    ]


@pytest.mark.parametrize("count", [1, 3, 6, 12])
@pytest.mark.parametrize("zone", ["UTC", BERLIN])
def test_periods_tile_and_keep_their_day_from_every_start_in_two_years(
    count: int, zone: str
) -> None:
    for anchor in TWO_YEARS:
        calendar = Calendar(anchor, zone, Interval("month", count))

        boundaries = [calendar.boundary(n) for n in range(25)]

        assert all(start < end for start, end in pairwise(boundaries))
        for n, boundary in enumerate(boundaries):
            day = local_date(boundary, zone)
            next_month = add_months(day.replace(day=1), 1)
            last_day = (next_month - timedelta(days=1)).day
            assert day.day == min(anchor.day, last_day)
            assert (day.year - anchor.year) * 12 + day.month - anchor.month == n * count


def test_months_count_backwards_too() -> None:
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 31), -2) == date(2023, 11, 30)
    assert add_months(date(2024, 1, 15), 0) == date(2024, 1, 15)


def test_a_boundary_may_lie_before_the_anchor() -> None:
    calendar = Calendar(date(2024, 3, 31), "UTC", MONTHLY)

    assert [calendar.boundary_on(n) for n in (-1, 0)] == [date(2024, 2, 29), date(2024, 3, 31)]


@pytest.mark.parametrize(
    ("interval", "second"),
    [
        (Interval("week", 2), "2024-01-29"),
        (Interval("day", 30), "2024-03-01"),
        (Interval("year", 2), "2028-01-01"),
    ],
)
def test_weeks_days_and_years_are_counted_from_the_anchor(interval: Interval, second: str) -> None:
    assert str(Calendar(date(2024, 1, 1), "UTC", interval).boundary_on(2)) == second


def test_an_interval_knows_its_exact_months() -> None:
    assert Interval("year").months == 12
    assert Interval("month", 3).months == 3
    assert Interval("week", 2).months == Fraction(24, 52)
    assert Interval("day", 365).months == 12


def test_an_interval_that_leads_nowhere_is_refused() -> None:
    for unit, count, field in [("month", 0, "interval.count"), ("hour", 1, "interval.unit")]:
        with pytest.raises(InvalidInterval) as refused:
            Interval(unit, count)  # type: ignore[arg-type]  # what a careless caller may pass
        assert refused.value.field == field


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
@pytest.mark.parametrize("n", [10**6, 10**12, -(10**6)])
def test_a_boundary_outside_the_calendar_is_refused(unit: IntervalUnit, n: int) -> None:
    calendar = Calendar(date(2024, 1, 1), "America/New_York", Interval(unit, 30))

    with pytest.raises(BeyondCalendar):
        calendar.boundary(n)


# --- instants: semantics B1.2 and B9.2 ---


def test_a_boundary_is_local_midnight_and_moves_in_utc_with_summer_time() -> None:
    calendar = Calendar(date(2024, 2, 15), BERLIN, MONTHLY)

    assert calendar.boundary(1) == utc("2024-03-14T23:00")
    assert calendar.boundary(2) == utc("2024-04-14T22:00")
    assert calendar.boundary(0).tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "day", "first_instant"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00"),
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00"),
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30"),  # from 23:30 to 00:30
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # a day that never was
    ],
)
def test_a_day_without_a_midnight_starts_when_the_clock_has_jumped(
    zone: str, day: str, first_instant: str
) -> None:
    start = start_of_local_day(date.fromisoformat(day), zone)

    assert start == utc(first_instant)
    assert local_date(start, zone) >= date.fromisoformat(day)
    assert local_date(start - timedelta(seconds=1), zone) < date.fromisoformat(day)


def test_a_day_with_two_midnights_starts_at_the_first() -> None:
    assert start_of_local_day(date(2024, 11, 3), "America/Havana") == utc("2024-11-03T04:00")


def test_an_instant_belongs_to_the_local_date() -> None:
    assert local_date(utc("2024-03-31T22:30"), BERLIN) == date(2024, 4, 1)
    assert local_date(utc("2024-03-31T22:30"), "UTC") == date(2024, 3, 31)


def test_a_local_hour_that_is_skipped_means_the_end_of_the_gap() -> None:
    assert at_local_hour(date(2024, 3, 31), 2, BERLIN) == utc("2024-03-31T01:00")
    assert at_local_hour(date(2024, 3, 31), 9, BERLIN) == utc("2024-03-31T07:00")


def test_a_local_hour_that_comes_twice_means_the_first() -> None:
    assert at_local_hour(date(2024, 10, 27), 2, BERLIN) == utc("2024-10-27T00:00")


@pytest.mark.parametrize(
    ("at", "days", "zone", "later"),
    [
        ("2024-03-29T23:00", 1, BERLIN, "2024-03-30T23:00"),
        ("2024-03-29T23:00", 2, BERLIN, "2024-03-31T22:00"),  # over the short night
        ("2024-10-26T10:00", 1, BERLIN, "2024-10-27T11:00"),  # over the long one
        ("2024-03-30T01:30", 1, BERLIN, "2024-03-31T01:00"),  # 02:30 is skipped
        ("2018-11-03T03:00", 1, "America/Sao_Paulo", "2018-11-04T03:00"),
        ("2018-11-04T03:00", 7, "America/Sao_Paulo", "2018-11-11T02:00"),
        ("2024-05-01T12:34:56.000007", -3, "UTC", "2024-04-28T12:34:56.000007"),
        ("2024-10-27T01:30", 0, BERLIN, "2024-10-27T01:30"),
    ],
)
def test_days_later_is_the_same_time_of_the_local_day(
    at: str, days: int, zone: str, later: str
) -> None:
    assert days_later(utc(at), days, zone) == utc(later)


def test_an_instant_without_a_zone_is_a_mistake() -> None:
    naive = datetime(2024, 1, 1)  # noqa: DTZ001  the mistake itself

    with pytest.raises(ValueError, match="without a zone"):
        local_date(naive, BERLIN)
    with pytest.raises(ValueError, match="without a zone"):
        days_later(naive, 0, BERLIN)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "europe/berlin", "+02:00", "../etc/passwd", "localtime", "Europe"]
)
def test_an_unknown_zone_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        require_zone(name)

    assert refused.value.field == "timezone"
    assert refused.value.way_out == "Give an IANA name, such as Europe/Berlin."
    with pytest.raises(UnknownZone):
        Calendar(date(2024, 1, 1), name, MONTHLY)


@UNHURRIED
@given(
    anchor=st.dates(date(2000, 1, 1), date(2035, 12, 31)),
    zone=st.sampled_from(
        [BERLIN, "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "UTC"]
    ),
    interval=st.builds(
        Interval, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 13)
    ),
    n=st.integers(-50, 50),
)
def test_every_instant_of_a_period_lies_in_it_and_its_end_in_the_next(
    anchor: date, zone: str, interval: Interval, n: int
) -> None:
    calendar = Calendar(anchor, zone, interval)
    start, end = calendar.boundary(n), calendar.boundary(n + 1)
    # Samoa crossed the date line: its 30 December 2011 is empty, and a period of that day too.
    if start == end:
        return

    assert calendar.period_at(start) == n
    assert calendar.period_at(end - timedelta(microseconds=1)) == n
    assert calendar.period_at(end) in (n + 1, n + 2)
