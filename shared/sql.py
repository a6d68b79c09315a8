"""Statements inside a transaction, as an adapter sees them; no driver is known here."""

from collections.abc import Sequence
from typing import Any, Protocol


class Sql(Protocol):
    """What an adapter may do inside a transaction; the statements are PostgreSQL's, `$1` and on."""

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> str: ...

    async def copy_records_to_table(
        self, table_name: str, *, records: Sequence[Sequence[Any]], columns: Sequence[str]
    ) -> str: ...
