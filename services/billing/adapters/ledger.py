"""The only SQL that writes the ledger."""

from collections.abc import Sequence
from datetime import datetime

from services.billing.domain.ledger import Posting
from shared.sql import Sql


class Ledger:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def book(self, postings: Sequence[tuple[Posting, datetime]]) -> None:
        """Two entries each, in one statement; a cause that is booked already is refused."""
        if not postings:
            return
        booked = [posting for posting, _ in postings]
        await self._sql.execute(
            """
            with transactions as (
                insert into ledger_transactions(cause, partner_id, kind, booked_at)
                select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            )
            insert into ledger_entries(
                cause, n, partner_id, account, bill_to, currency, amount_minor)
            select * from unnest(
                $5::text[], $6::smallint[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::bigint[])""",
            [each.cause for each in booked],
            [each.partner_id for each in booked],
            [each.kind for each in booked],
            [at for _, at in postings],
            [each.cause for each in booked for _ in range(2)],
            [n for _ in booked for n in (1, 2)],
            [each.partner_id for each in booked for _ in range(2)],
            [account for each in booked for account in (each.debit, each.credit)],
            [each.bill_to for each in booked for _ in range(2)],
            [each.currency for each in booked for _ in range(2)],
            [amount for each in booked for amount in (each.amount_minor, -each.amount_minor)],
        )
