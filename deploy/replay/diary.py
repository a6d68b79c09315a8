"""When each customer begins and gives notice, so that all of them are as the file says on one day."""

from collections import defaultdict
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
NOTICE_AFTER = timedelta(days=10)


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


def first_day(customer: Customer) -> date:
    """His last period is paid in December; who left has his end in December, so he began earlier.

    The days of the month run from 1 to 31 through the file; a month that lacks one has its last.
    """
    months = customer.tenure if customer.left else max(customer.tenure - 1, 0)
    month = add_months(LAST_MONTH, -months)
    day = customer.place % LONGEST_MONTH + 1
    last = add_months(month, 1) - timedelta(days=1)
    return min(month + timedelta(days=day - 1), last)


def notice_day(customer: Customer) -> date:
    """Some days into his last period, which is his first where it is the only one."""
    return add_months(first_day(customer), customer.tenure - 1) + NOTICE_AFTER


def diary(customers: Iterable[Customer]) -> list[Day]:
    days: defaultdict[date, Day] = defaultdict(lambda: Day(LAST_MONTH))
    for each in customers:
        days[first_day(each)].begin.append(each)
        if each.left:
            days[notice_day(each)].give_notice.append(each)
    for on, day in days.items():
        day.on = on
    return [days[on] for on in sorted(days)]


def _local(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(ZONE)).astimezone(UTC)
