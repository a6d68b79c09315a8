"""Billing dates: boundary n is counted from the anchor, at local midnight, and kept in UTC."""

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from shared.errors import Invalid

IntervalUnit = Literal["day", "week", "month", "year"]

_MONTHS_IN_A_YEAR: Final = 12
_DAYS_IN_A_WEEK: Final = 7
_MONTHS_PER_UNIT: Final[dict[IntervalUnit, Fraction]] = {
    "year": Fraction(12),
    "month": Fraction(1),
    "week": Fraction(12, 52),
    "day": Fraction(12, 365),
}
_SECOND: Final = timedelta(seconds=1)
# Debian lists the machine's own zone under this name: another machine, another invoice.
_MACHINE_ZONE: Final = "localtime"


class UnknownZone(Invalid):
    code = "unknown_zone"


class BeyondCalendar(Invalid):
    code = "beyond_calendar"


class InvalidInterval(Invalid):
    code = "invalid_interval"


@lru_cache(maxsize=10_000)
def add_months(anchor: date, months: int) -> date:
    """The same day of the month, or that month's last day where it has no such day."""
    months_from_zero = anchor.year * _MONTHS_IN_A_YEAR + anchor.month - 1 + months
    year, month = months_from_zero // _MONTHS_IN_A_YEAR, months_from_zero % _MONTHS_IN_A_YEAR + 1
    _require_year(year)
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Interval:
    """The length of a billing period: 1 month, 3 months, 1 year, 2 weeks, 30 days."""

    unit: IntervalUnit
    count: int = 1

    def __post_init__(self) -> None:
        if self.unit not in _MONTHS_PER_UNIT:
            raise InvalidInterval(
                f"{self.unit!r} is no unit of time to bill by",
                field="interval.unit",
                way_out="Use day, week, month or year.",
            )
        if type(self.count) is not int or self.count < 1:
            raise InvalidInterval(
                f"{self.count!r} is no number of {self.unit}s", field="interval.count"
            )

    @property
    def months(self) -> Fraction:
        """Exact; a week is 12/52 and a day 12/365 of a month (B6.1). For metrics, not for dates."""
        return _MONTHS_PER_UNIT[self.unit] * self.count

    def after(self, anchor: date, n: int) -> date:
        """The date n intervals after the anchor; n may be negative."""
        if self.unit == "year":
            return add_months(anchor, n * self.count * _MONTHS_IN_A_YEAR)
        if self.unit == "month":
            return add_months(anchor, n * self.count)
        days = n * self.count * (_DAYS_IN_A_WEEK if self.unit == "week" else 1)
        # Far too many days overflow the date itself, so the year is judged before it is made.
        _require_year(anchor.year + days // 366)
        day = anchor + timedelta(days=days)
        _require_year(day.year)
        return day


@dataclass(frozen=True, slots=True)
class Calendar:
    """All boundaries of one subscription; period n is [boundary(n), boundary(n + 1)).

    Every boundary is counted from the anchor and none from the boundary before it: that is
    what keeps the 31st after a February. Source: docs/semantics.md B1.
    """

    anchor_on: date
    zone: str
    interval: Interval

    def __post_init__(self) -> None:
        require_zone(self.zone)

    def boundary_on(self, n: int) -> date:
        return self.interval.after(self.anchor_on, n)

    def boundary(self, n: int) -> datetime:
        return start_of_local_day(self.boundary_on(n), self.zone)

    def period_at(self, at: datetime) -> int:
        """The number of the period that `at` lies in; a boundary belongs to the period it opens."""
        days = (local_date(at, self.zone) - self.anchor_on).days
        # The average length gives a guess close by; the loops make it exact.
        n = days * 12 // (self.interval.months * 365)
        while self.boundary(n) > at:
            n -= 1
        while self.boundary(n + 1) <= at:
            n += 1
        return n


@cache
def require_zone(name: str) -> ZoneInfo:
    """The rules of a zone by its IANA name; `+02:00` or a name unknown is refused (B9.2)."""
    if name not in _zone_names():
        raise UnknownZone(
            f"{name!r} is not a time zone",
            field="timezone",
            way_out="Give an IANA name, such as Europe/Berlin.",
        )
    return ZoneInfo(name)


def local_date(at: datetime, zone: str) -> date:
    return _aware(at).astimezone(require_zone(zone)).date()


@lru_cache(maxsize=10_000)
def start_of_local_day(day: date, zone: str) -> datetime:
    """The first instant of that day, in UTC: local midnight, or the end of the gap it fell into."""
    return _instant(datetime.combine(day, time.min), require_zone(zone))


def at_local_hour(day: date, hour: int, zone: str) -> datetime:
    """The first instant at which that day's local clock shows the hour, or has jumped past it."""
    return _instant(datetime.combine(day, time(hour)), require_zone(zone))


def days_later(at: datetime, days: int, zone: str) -> datetime:
    """The same time of the local day so many days later, whatever the clocks did in between.

    The first instant of a day leads to the first instant of a day, also from or to a day
    whose midnight does not exist.
    """
    if days == 0:
        return _aware(at).astimezone(UTC)
    local = _aware(at).astimezone(require_zone(zone))
    day = local.date() + timedelta(days=days)
    if at == start_of_local_day(local.date(), zone):
        return start_of_local_day(day, zone)
    return _instant(datetime.combine(day, local.time()), require_zone(zone))


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the zone's clock shows `wall`, or a later time for want of it."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # The clock jumps over `wall`. fold=1 reads it by the rule after the jump, which gives an
    # instant before it; fold=0 gives one at or after it. The jump itself lies between the two.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(microsecond=0)
    seconds_to_jump = bisect_left(
        range((first - before) // _SECOND + 1),
        wall,
        key=lambda second: (before + second * _SECOND).astimezone(zone).replace(tzinfo=None),
    )
    return before + seconds_to_jump * _SECOND


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"an instant without a zone: {at}")
    return at


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - {_MACHINE_ZONE}


def _require_year(year: int) -> None:
    # One year stays free at both ends, so that no zone's offset leads out of the calendar.
    if not date.min.year < year < date.max.year:
        raise BeyondCalendar(
            f"the year {year} lies outside the calendar", way_out="Give fewer intervals."
        )
