"""What time it is for a caller: the sandbox's, when he says so, else the system's."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header

from deploy.standins.refusal import invalid


def system_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the outside has a clock of its own


def parsed(text: str, field: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{field}: {text!r} is not an RFC 3339 instant", field) from None
    if instant.tzinfo is None:
        raise invalid(f"{field}: {text!r} lacks a zone; end it in Z or an offset", field)
    return instant.astimezone(UTC)


def shown(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _now(perennial_now: Annotated[str | None, Header()] = None) -> datetime:
    return parsed(perennial_now, "Perennial-Now") if perennial_now else system_now()


Now = Annotated[datetime, Depends(_now)]
