"""Loads the books of many subscriptions at once, locked; saving them is `saved_books`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.billing.adapters.rows import (
    attempt_of,
    books_of,
    dunning_of,
    invoice_of,
    line_of,
    order_of,
    verification_of,
)
from services.billing.adapters.saved_books import save_books
from services.billing.domain.books import Books
from services.billing.domain.contract import SubscriptionId, SubscriptionKey
from services.billing.domain.filed import Filed
from services.billing.domain.invoice import Invoice
from services.billing.use_cases.ports import CheckoutKey, Said, Wanted
from shared.ids import PartnerId
from shared.transaction import Transaction

NOTHING_MORE = Wanted()


class BooksRepository:
    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def get_many(
        self, keys: Collection[SubscriptionKey], wanted: Wanted = NOTHING_MORE
    ) -> dict[SubscriptionKey, Books]:
        """One statement where nothing is open, as in a renewal run; six at most."""
        rows = await self._sql.fetch(
            """
            select c.* from contracts c
            join unnest($1::text[], $2::text[]) as k(partner_id, subscription_id)
                using (partner_id, subscription_id)
            order by c.subscription_id for update of c""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        found = {each.key: each for each in map(books_of, rows)}
        by_id = {key.id: books for key, books in found.items()}
        await self._load_verifications(by_id)
        beside = replace(wanted, waiting_orders=False) != NOTHING_MORE
        if beside or any(books.standing.open_invoice_id for books in found.values()):
            await self._load_invoices(by_id, wanted)
        if wanted.waiting_orders or wanted.orders or _any_ordered(found.values()):
            await self._load_orders(by_id, wanted)
        return found

    async def of_checkouts(
        self, keys: Collection[CheckoutKey]
    ) -> dict[CheckoutKey, SubscriptionKey]:
        rows = await self._sql.fetch(
            """
            select partner_id, checkout_id, subscription_id from contracts
            join unnest($1::text[], $2::text[]) as k(partner_id, checkout_id)
                using (partner_id, checkout_id)""",
            [partner_id for partner_id, _ in keys],
            [checkout_id for _, checkout_id in keys],
        )
        return {
            (row["partner_id"], row["checkout_id"]): SubscriptionKey(
                PartnerId(row["partner_id"]), SubscriptionId(row["subscription_id"])
            )
            for row in rows
        }

    async def of_invoices(
        self, ids: Collection[str], partner_id: PartnerId | None = None
    ) -> dict[str, SubscriptionKey]:
        rows = await self._sql.fetch(
            """
            select id, partner_id, subscription_id from invoices
            where id = any($1::text[]) and ($2::text is null or partner_id = $2)""",
            list(ids),
            partner_id,
        )
        return {
            row["id"]: SubscriptionKey(
                PartnerId(row["partner_id"]), SubscriptionId(row["subscription_id"])
            )
            for row in rows
        }

    async def made_by_hand(self, invoice_id: str, since: datetime) -> int:
        count: int = await self._sql.fetchval(
            """
            select count(*) from payment_attempts
            where invoice_id = $1 and cause in ('manual', 'extra') and created_at > $2""",
            invoice_id,
            since,
        )
        return count

    async def save_many(
        self, changed: Sequence[tuple[Books, Sequence[Said]]], now: Mapping[PartnerId, datetime]
    ) -> None:
        await save_books(self._kernel, changed, now)

    async def _load_verifications(self, by_id: Mapping[SubscriptionId, Books]) -> None:
        waiting = [name for name, books in by_id.items() if not books.contract.covered]
        if not waiting:
            return
        rows = await self._sql.fetch(
            "select * from verifications where subscription_id = any($1::text[]) for update",
            waiting,
        )
        for row in rows:
            by_id[row["subscription_id"]].verification = verification_of(row)

    async def _load_invoices(self, by_id: Mapping[SubscriptionId, Books], wanted: Wanted) -> None:
        rows = await self._sql.fetch(
            """
            select * from invoices where subscription_id = any($1::text[])
            and (status = 'open' or id = any($2::text[]) or period_start >= $3
                 or ($3::timestamptz is not null and period_no = 0) or order_id = any($4::text[]))
            order by subscription_id, period_no""",
            list(by_id),
            list(wanted.invoices),
            wanted.since,
            list(wanted.orders),
        )
        ids = [row["id"] for row in rows]
        lines = await self._lines(rows, ids)
        filed: defaultdict[str, list[tuple[str, Invoice]]] = defaultdict(list)
        for row in rows:
            invoice = invoice_of(row, tuple(lines[row["id"]]))
            filed[row["subscription_id"]].append((invoice.id, invoice))
        for name, invoices in filed.items():
            by_id[SubscriptionId(name)].invoices = Filed(invoices)
        await self._load_attempts(by_id, ids, wanted)
        await self._load_dunnings(by_id, ids)

    async def _lines(self, invoices: Sequence[Any], ids: Sequence[str]) -> dict[str, list[Any]]:
        numbers = {row["id"]: row["period_no"] for row in invoices}
        lines = defaultdict(list)
        for row in await self._sql.fetch(
            "select * from invoice_lines where invoice_id = any($1::text[]) order by identity", ids
        ):
            lines[row["invoice_id"]].append(line_of(row, numbers[row["invoice_id"]]))
        return lines

    async def _load_attempts(
        self, by_id: Mapping[SubscriptionId, Books], invoices: Sequence[str], wanted: Wanted
    ) -> None:
        rows = await self._sql.fetch(
            """
            select * from payment_attempts
            where id = any($2::text[]) or (invoice_id = any($1::text[])
                and state in ('created', 'sent', 'unknown', 'needs_review'))
            order by id for update""",
            invoices,
            list(wanted.attempts),
        )
        filed = defaultdict(list)
        for row in rows:
            filed[row["subscription_id"]].append((row["id"], attempt_of(row)))
        for name, attempts in filed.items():
            by_id[SubscriptionId(name)].attempts = Filed(attempts)

    async def _load_orders(self, by_id: Mapping[SubscriptionId, Books], wanted: Wanted) -> None:
        """Without those that were heard to be canceled before they were heard of."""
        rows = await self._sql.fetch(
            """
            select * from orders
            where subscription_id = any($1::text[]) and gate is not null
              and (state in ('waiting', 'charging') or id = any($2::text[]))
            order by id for update""",
            list(by_id),
            list(wanted.orders),
        )
        filed = defaultdict(list)
        for row in rows:
            filed[row["subscription_id"]].append((row["id"], order_of(row)))
        for name, orders in filed.items():
            by_id[SubscriptionId(name)].orders = Filed(orders)

    async def _load_dunnings(
        self, by_id: Mapping[SubscriptionId, Books], invoices: Sequence[str]
    ) -> None:
        rows = await self._sql.fetch(
            "select * from dunnings where invoice_id = any($1::text[])", invoices
        )
        filed = defaultdict(list)
        for row in rows:
            filed[row["subscription_id"]].append((row["invoice_id"], dunning_of(row)))
        for name, dunnings in filed.items():
            by_id[SubscriptionId(name)].dunnings = Filed(dunnings)


def _any_ordered(all_books: Iterable[Books]) -> bool:
    return any(each.order_id for books in all_books for each in books.invoices)
