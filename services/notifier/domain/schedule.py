"""The hours at which mails that nobody waits for go out: from 09:00 of the customer's day."""

from datetime import datetime, timedelta
from typing import Final

from shared.calendar import at_local_hour, local_date

SEND_HOUR: Final = 9
_DAY: Final = timedelta(days=1)


def morning_after(at: datetime, days: int, zone: str) -> datetime:
    """09:00 of the local day so many days after that of `at`."""
    return at_local_hour(local_date(at, zone) + days * _DAY, SEND_HOUR, zone)


def next_morning(at: datetime, zone: str) -> datetime:
    """The first 09:00 that is not before `at`."""
    today = morning_after(at, 0, zone)
    return today if at <= today else morning_after(at, 1, zone)


def not_before_morning(at: datetime, zone: str) -> datetime:
    """`at`, or 09:00 of its day where that is later."""
    return max(at, morning_after(at, 0, zone))
