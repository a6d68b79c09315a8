"""Billing dates counted once more, in another way than `shared.calendar` does."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

RUN_AFTER = timedelta(seconds=2)


def boundaries_passed(state: dict[str, Any], now: datetime) -> int:
    """Of a subscription that nothing has moved: how many starts of a period lie behind `now`."""
    zone, interval = ZoneInfo(state["timezone"]), state["interval"]
    day = datetime.fromisoformat(state["activated_at"]).astimezone(zone).date()
    day += timedelta(days=state["trial_days"])
    n = 0 if state["trial_days"] else 1
    passed = 0
    while _midnight(_later(day, n, interval), zone) + RUN_AFTER <= now:
        passed, n = passed + 1, n + 1
    return passed


def _later(day: date, n: int, interval: dict[str, Any]) -> date:
    length = n * interval["count"]
    if interval["unit"] == "week":
        return day + timedelta(weeks=length)
    months = day.month - 1 + length * (12 if interval["unit"] == "year" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where clocks jump over it, the offset of before leads to the instant of the jump."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
