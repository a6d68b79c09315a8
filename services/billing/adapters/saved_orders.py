"""Stores how far orders have come; they are first kept as they are heard."""

from collections.abc import Sequence

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.books import Books
from shared.sql import Sql


async def save_orders(sql: Sql, all_books: Sequence[Books]) -> None:
    await execute_set(
        sql,
        """
        update orders o set state = t.state
        from unnest($1::text[], $2::text[]) as t(id, state) where o.id = t.id""",
        [(each.id, each.state.value) for books in all_books for each in books.orders.moved],
    )
