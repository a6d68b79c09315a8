"""Rows to take turns at, made where they are missing."""

from collections.abc import Sequence
from typing import Any

from shared.sql import Sql


async def made_or_found(sql: Sql, count: int, statement: str, *args: Any) -> Sequence[Any]:
    """All `count` rows, locked. `statement` returns those that it makes and those that it finds; it
    runs again for what is neither: another transaction made it while this one waited for it.
    """
    rows: Sequence[Any] = ()
    while len(rows) < count:
        rows = await sql.fetch(statement, *args)
    return rows
