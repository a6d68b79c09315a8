"""Billing dates counted once more, in another way than `shared.calendar` does."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

RUN_AFTER = timedelta(seconds=2)


def boundaries_passed(state: dict[str, Any], now: datetime) -> int:
    """Of a subscription that nothing has moved: how many starts of a period lie behind `now`."""
    passed = 0
    while boundary(state, passed + 1) + RUN_AFTER <= now:
        passed += 1
    return passed


def boundary(state: dict[str, Any], no: int) -> datetime:
    """Where period `no` of such a subscription begins; a trial is period 0."""
    zone = ZoneInfo(state["timezone"])
    day = datetime.fromisoformat(state["activated_at"]).astimezone(zone).date()
    day += timedelta(days=state["trial_days"])
    n = no - 1 if state["trial_days"] else no
    return _midnight(_later(day, n, state["interval"]), zone)


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
