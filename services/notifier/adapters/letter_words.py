"""The words of a letter: what its template may name, formatted for the person who reads it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.notifier.domain.facts import Facts
from services.notifier.domain.letter import Letter
from shared.money import Money

LABELS: Final = {"url": "Address", "username": "User name", "password": "Password"}
FIRST_STATUS: Final = "created"


def words(letter: Letter) -> dict[str, Any]:
    """The facts as they are, and what is made of them; a fact that a kind of mail lacks is None."""
    to, facts = letter.to, letter.to.message.facts
    return {
        **dict.fromkeys(NAMES),
        **facts,
        "name": to.contact.name,
        "brand": to.brand.name,
        "support_email": to.brand.support_email,
        "timezone": to.contact.timezone,
        "offer": to.offer_name or facts.get("offer"),
        "trialing": facts.get("status") == "trialing",
        "total": _money(facts, "total_minor"),
        "amount": _money(facts, "amount_minor"),
        "paid": _money(facts, "paid_externally_minor"),
        "interval": _span(facts, 1),
        "granted": _granted(facts),
        "no_method": facts.get("code") == "no_method",
        "waits_for_first_payment": facts.get("status") == FIRST_STATUS and not facts.get("final"),
        "ends_later": _is_after(facts, "ends_at", to.message.cause.at),
        "over": not _is_after(facts, "ends_at", letter.at),
        "secret_rows": _rows(letter.secrets),
    }


NAMES: Final = (
    "next_boundary_at",
    "ends_at",
    "due_at",
    "next_attempt_at",
    "grace_until",
    "first_payment_until",
    "data_kept_until",
    "hard",
    "ordered",
    "hold",
    "reason",
    "until",
    "reference",
    "message",
    "way_out",
    "was_paid",
)


def day(at: str | None, timezone: str) -> str:
    """`1 April 2027`, where the recipient lives."""
    return f"{_local(at, timezone):%-d %B %Y}" if at else ""


def moment(at: str | None, timezone: str) -> str:
    """`1 April 2027, 00:00 (Europe/Berlin)`."""
    return f"{_local(at, timezone):%-d %B %Y, %H:%M} ({timezone})" if at else ""


def plain_date(on: str | None) -> str:
    """A calendar day, which is the same day everywhere."""
    return f"{date.fromisoformat(on):%-d %B %Y}" if on else ""


def _local(at: str, timezone: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(timezone))


def _money(facts: Facts, name: str) -> str | None:
    minor, currency = facts.get(name), facts.get("currency")
    if not isinstance(minor, int) or not isinstance(currency, str):
        return None
    return Money(minor, currency).format() if minor else None


def _span(facts: Facts, times: int) -> str:
    """`month`, `3 months`."""
    unit, count = facts.get("interval_unit"), facts.get("interval_count")
    if not isinstance(unit, str) or not isinstance(count, int):
        return ""
    number = count * times
    return unit if number == 1 else f"{number} {unit}s"


def _granted(facts: Facts) -> str:
    """`1 month`, `3 months`; nothing where the end moved to a date."""
    intervals = facts.get("intervals")
    if not isinstance(intervals, int) or not intervals:
        return ""
    span = _span(facts, intervals)
    return span if span[:1].isdigit() else f"1 {span}"


def _is_after(facts: Facts, name: str, at: datetime) -> bool:
    found = facts.get(name)
    return isinstance(found, str) and datetime.fromisoformat(found) > at


def _rows(secrets: Mapping[str, str]) -> list[tuple[str, str]]:
    """The known ones first, under the names that people know them by."""
    order = [*(name for name in LABELS if name in secrets), *sorted(set(secrets) - set(LABELS))]
    return [
        (LABELS.get(name, name.replace("_", " ").capitalize()), secrets[name]) for name in order
    ]
