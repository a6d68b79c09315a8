"""Stores invoices with their lines, and credit notes."""

from collections.abc import Sequence

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.books import Books
from services.billing.domain.credit_note import CreditNote
from services.billing.domain.invoice import Invoice, Line
from shared.new_rows import insert_new
from shared.sql import Sql


async def save_invoices(sql: Sql, all_books: Sequence[Books]) -> None:
    """What is credited may be charged anew, so its lines free their identities before others take
    them; those of an invoice that is new and credited at once never take them.
    """
    await execute_set(
        sql,
        "update invoice_lines set is_reversed = true where invoice_id = any($1::text[])",
        [(each.invoice_id,) for books in all_books for each in books.credit_notes],
    )
    moved = [each for books in all_books for each in books.invoices.moved]
    await execute_set(
        sql,
        """
        update invoices i set
            status = t.status, paid_minor = t.paid_minor, credited_minor = t.credited_minor,
            attempts = t.attempts, settled_by = t.settled_by, gateway = t.gateway,
            reference = t.reference
        from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[],
                    $7::text[], $8::text[])
            as t(id, status, paid_minor, credited_minor, attempts, settled_by, gateway, reference)
        where i.id = t.id""",
        [(each.id, *_settlement(each)) for each in moved],
    )
    new = [each for books in all_books for each in books.invoices.new]
    await insert_new(sql, "invoices", INVOICE, [_invoice_row(each) for each in new])
    lines = [_line_row(invoice, line) for invoice in new for line in invoice.lines]
    await insert_new(sql, "invoice_lines", LINE, lines)


INVOICE = (
    *("id", "status", "paid_minor", "credited_minor", "attempts", "settled_by", "gateway"),
    *("reference", "partner_id", "subscription_id", "bill_to", "currency", "total_minor"),
    *("period_no", "period_start", "period_end", "due_at", "issued_at", "series_year"),
    *("series_seq", "number", "order_id"),
)
LINE = (
    *("identity", "invoice_id", "partner_id", "subscription_id", "item_id", "product", "quantity"),
    *("unit_price_minor", "amount_minor", "period_start", "period_end", "is_reversed"),
)


def _settlement(invoice: Invoice) -> tuple[object, ...]:
    return (
        invoice.status.value,
        invoice.paid_minor,
        invoice.credited_minor,
        invoice.attempts,
        invoice.settled_by,
        invoice.gateway,
        invoice.reference,
    )


def _invoice_row(invoice: Invoice) -> tuple[object, ...]:
    return (
        invoice.id,
        *_settlement(invoice),
        invoice.partner_id,
        invoice.subscription_id,
        invoice.bill_to,
        invoice.currency,
        invoice.total_minor,
        invoice.period.no,
        invoice.period.start,
        invoice.period.end,
        invoice.due_at,
        invoice.document.issued_at,
        invoice.document.year,
        invoice.document.seq,
        invoice.document.number,
        invoice.order_id,
    )


def _line_row(invoice: Invoice, line: Line) -> tuple[object, ...]:
    return (
        line.identity,
        invoice.id,
        invoice.partner_id,
        invoice.subscription_id,
        line.item_id,
        line.product,
        line.quantity,
        line.unit_price_minor,
        line.amount_minor,
        line.period.start,
        line.period.end,
        invoice.credited_minor > 0,
    )


async def save_credit_notes(sql: Sql, all_books: Sequence[Books]) -> None:
    """After the invoices, of which some may be new."""
    notes = [each for books in all_books for each in books.credit_notes]
    await execute_set(
        sql,
        """
        insert into credit_notes(
            id, partner_id, invoice_id, subscription_id, bill_to, currency, total_minor, reason,
            issued_at, series_year, series_seq, number)
        select * from unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
            $8::text[], $9::timestamptz[], $10::int[], $11::bigint[], $12::text[])""",
        [_credit_note_row(each) for each in notes],
    )


def _credit_note_row(note: CreditNote) -> tuple[object, ...]:
    return (
        note.id,
        note.partner_id,
        note.invoice_id,
        note.subscription_id,
        note.bill_to,
        note.currency,
        note.total_minor,
        note.reason,
        note.document.issued_at,
        note.document.year,
        note.document.seq,
        note.document.number,
    )
