"""Statements over sets: rows become columns, and columns become one statement's arrays."""

from collections.abc import Sequence
from typing import Any

from shared.errors import Stale
from shared.sql import Sql


async def execute_set(sql: Sql, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run `statement`, which takes one array a column, over the rows; nothing for none."""
    if rows:
        await sql.execute(statement, *(list(column) for column in zip(*rows, strict=True)))


async def require_set(sql: Sql, statement: str, rows: Sequence[tuple[Any, ...]], what: str) -> None:
    """As `execute_set`; `statement` returns a row for each row that it found as it was loaded.

    Raises:
        Stale: another transaction was first.
    """
    if not rows:
        return
    found = await sql.fetch(statement, *(list(column) for column in zip(*rows, strict=True)))
    if len(found) != len(rows):
        raise Stale(f"{len(rows) - len(found)} {what} moved on")
