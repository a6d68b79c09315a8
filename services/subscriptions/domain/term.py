"""When the periods of a subscription begin and end, counted from one anchor."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.calendar import Interval, local_date, start_of_local_day


@dataclass(frozen=True, slots=True)
class Anchor:
    """Period `period_no` begins with the local day `on`; all other periods are counted from it.

    The number is kept because it differs: 0 without a trial, 1 after one, and whatever number
    the period has that a late payment or an extension to a date moved to another day.
    """

    on: date
    period_no: int

    def boundary(self, no: int, interval: Interval, zone: str) -> datetime:
        """The first instant of period `no`."""
        return start_of_local_day(interval.after(self.on, no - self.period_no), zone)


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


def first_anchor(at: datetime, zone: str, trial_days: int) -> Anchor:
    """The local day of activation; with a trial the day after its last (docs/semantics.md B10.1)."""
    day = local_date(at, zone)
    if trial_days:
        return Anchor(day + timedelta(days=trial_days), 1)
    return Anchor(day, 0)
