"""When each customer begins and gives notice, so that all of them are as the file says on one day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deploy.replay.catalog import ZONE
from deploy.replay.customers import Customer
from shared.calendar import add_months

# The file says who left within its last month: all that ends, ends in December.
LAST_MONTH = date(2025, 12, 1)
LONGEST_MONTH = 31
OPENING_HOUR = time(10)
NOTICE_AFTER = timedelta(days=9)


@dataclass(slots=True)
class Day:
    """What happens from ten in the morning: some begin, some give notice."""

    on: date
    begin: list[Customer] = field(default_factory=list)
    give_notice: list[Customer] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return _local(self.on, OPENING_HOUR)


def end() -> datetime:
    """Noon of the last day, when all that is due on it has happened."""
    return _local(add_months(LAST_MONTH, 1) - timedelta(days=1), time(12))


@dataclass(frozen=True, slots=True)
class Diary:
    """The days of start run through the months from the 1st to the 31st: each `every`th of them."""

    every: int = 1

    def of(self, customers: Iterable[Customer]) -> list[Day]:
        days: dict[date, Day] = {}
        for each in customers:
            first = self.first_day(each)
            days.setdefault(first, Day(first)).begin.append(each)
            if each.left:
                notice = self.notice_day(each)
                days.setdefault(notice, Day(notice)).give_notice.append(each)
        return [days[on] for on in sorted(days)]

    def first_day(self, customer: Customer) -> date:
        """His last period is paid in December; who left has his end then, so he began earlier.

        A month that lacks his day has its last instead.
        """
        months = customer.tenure if customer.left else max(customer.tenure - 1, 0)
        month = add_months(LAST_MONTH, -months)
        places = (LONGEST_MONTH - 1) // self.every + 1
        days = customer.place % places * self.every
        return min(month + timedelta(days=days), add_months(month, 1) - timedelta(days=1))

    def notice_day(self, customer: Customer) -> date:
        """Some days into his last period, which is his first where it is the only one."""
        return add_months(self.first_day(customer), customer.tenure - 1) + NOTICE_AFTER


def _local(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(ZONE)).astimezone(UTC)
