"""What a mail tells, in JSON's own types, so that it reads the same at every attempt."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

Fact: TypeAlias = str | int | bool | None
Facts: TypeAlias = Mapping[str, Fact]


def instant(at: datetime | None) -> str | None:
    """An instant as a fact; the template shows it in the recipient's own time."""
    return None if at is None else at.isoformat()
