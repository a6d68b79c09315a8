"""The only SQL that writes the ledger."""

from collections.abc import Sequence
from datetime import datetime

from services.billing.domain.ledger import Posting
from shared.new_rows import insert_new
from shared.sql import Sql

TRANSACTION = ("cause", "partner_id", "kind", "booked_at")
ENTRY = ("cause", "n", "partner_id", "account", "bill_to", "currency", "amount_minor")


class Ledger:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def book(self, postings: Sequence[tuple[Posting, datetime]]) -> None:
        """Two entries each; a cause that is booked already is refused."""
        await insert_new(
            self._sql,
            "ledger_transactions",
            TRANSACTION,
            [(each.cause, each.partner_id, each.kind, at) for each, at in postings],
        )
        await insert_new(
            self._sql,
            "ledger_entries",
            ENTRY,
            [entry for posting, _ in postings for entry in _entries(posting)],
        )


def _entries(of: Posting) -> tuple[tuple[object, ...], tuple[object, ...]]:
    return (
        (of.cause, 1, of.partner_id, of.debit, of.bill_to, of.currency, of.amount_minor),
        (of.cause, 2, of.partner_id, of.credit, of.bill_to, of.currency, -of.amount_minor),
    )
