"""Where a subscription's periods lie: their numbers, and the local midnights between them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.calendar import Interval, local_date, start_of_local_day


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)` in UTC; `no` counts from 0 and never repeats."""

    no: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """Period `anchor_no` begins on the anchor; every other boundary is counted from there.

    A trial is period 0 and ends on the anchor (`anchor_no` 1). A return from non-payment and an
    extension to a date move the anchor to a later period, so numbers go on without a repeat.
    """

    anchor_on: date
    anchor_no: int
    zone: str
    interval: Interval

    @classmethod
    def first(cls, at: datetime, trial_days: int, zone: str, interval: Interval) -> "Schedule":
        """As it stands when the first period opens at that instant."""
        anchor_on = local_date(at, zone) + timedelta(days=trial_days)
        return cls(anchor_on, 1 if trial_days else 0, zone, interval)

    def start(self, no: int) -> datetime:
        return start_of_local_day(
            self.interval.after(self.anchor_on, no - self.anchor_no), self.zone
        )

    def period(self, no: int) -> Period:
        return Period(no, self.start(no), self.start(no + 1))

    def running_from(self, at: datetime, no: int) -> Period:
        """The period that begins at that very instant, and not at its boundary."""
        return Period(no, at, self.start(no + 1))

    def restarted(self, at: datetime, no: int) -> "Schedule":
        """The billing day moves to the local date of `at`, from period `no` on."""
        return replace(self, anchor_on=local_date(at, self.zone), anchor_no=no)

    def anchored(self, on: date, no: int) -> "Schedule":
        return replace(self, anchor_on=on, anchor_no=no)

    def not_before(self, at: datetime, no: int) -> "Schedule":
        """Period `no` slides to the first boundary at or after `at`; the billing day stays."""
        skipped = 0
        while self.start(no + skipped) < at:
            skipped += 1
        return replace(self, anchor_no=self.anchor_no - skipped)
