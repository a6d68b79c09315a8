"""When the periods of a subscription begin and end, counted from one anchor."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from shared.calendar import Calendar, Interval, local_date


@dataclass(frozen=True, slots=True)
class Anchor:
    """Period `period_no` begins with the local day `on`; all other periods are counted from it.

    The number is kept because it differs: 0 without a trial, 1 after one, and whatever number
    the period has that a late payment or an extension to a date moved to another day. It is
    below 0 where boundaries have passed that opened nothing.
    """

    on: date
    period_no: int

    def boundary(self, no: int, interval: Interval, zone: str) -> datetime:
        """The first instant of period `no`."""
        return _boundary(self.on, no - self.period_no, interval, zone)

    def letting_pass(self, no: int, until: datetime, interval: Interval, zone: str) -> "Anchor":
        """The same days, but period `no` begins with the first of them at or after `until`."""
        calendar = Calendar(self.on, zone, interval)
        n = calendar.period_at(until)
        if calendar.boundary(n) < until:
            n += 1
        return Anchor(self.on, no - n)


@dataclass(frozen=True, slots=True)
class Running:
    """The period that was opened last, and since when it runs."""

    no: int
    start: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`. What was granted lengthens it: the end is that of all that is covered."""

    no: int
    start: datetime
    end: datetime


# Asked for many times in one change, and of many subscriptions of one day.
@lru_cache(maxsize=65_536)
def _boundary(on: date, n: int, interval: Interval, zone: str) -> datetime:
    return Calendar(on, zone, interval).boundary(n)


def first_anchor(at: datetime, zone: str, trial_days: int) -> Anchor:
    """The local day of activation; with a trial the day after its last (docs/semantics.md B10.1)."""
    day = local_date(at, zone)
    if trial_days:
        return Anchor(day + timedelta(days=trial_days), 1)
    return Anchor(day, 0)
