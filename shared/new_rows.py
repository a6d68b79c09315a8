"""Rows that are new, by the way that is cheapest for so many of them; one statement in any case."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from shared.sql import Sql

# Each count is a statement of its own, which every connection prepares once.
FEW = 4


async def insert_new(
    sql: Sql, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert the rows, nothing for none. Many are copied: neither side then has to take arrays
    apart, and the server writes its pages full. A few go as values, which is one round trip less
    and a plan that is there already.
    """
    if len(rows) > FEW:
        await sql.copy_records_to_table(table, records=rows, columns=columns)
    elif rows:
        await sql.execute(_statement(table, columns, len(rows)), *chain.from_iterable(rows))


@cache
def _statement(table: str, columns: tuple[str, ...], count: int) -> str:
    width = len(columns)
    values = (
        f"({', '.join(f'${n}' for n in range(row * width + 1, (row + 1) * width + 1))})"
        for row in range(count)
    )
    return f"insert into {table}({', '.join(columns)}) values {', '.join(values)}"  # noqa: S608  names of ours
