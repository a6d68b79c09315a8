"""Stores what acts left in the books of many subscriptions: a handful of statements for all."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.billing.adapters.in_sets import execute_set, require_set
from services.billing.adapters.ledger import Ledger
from services.billing.adapters.number_series import NumberSeries, Unnumbered
from services.billing.adapters.published import to_contract
from services.billing.adapters.refund_repository import RefundRepository
from services.billing.adapters.rows import terms_to
from services.billing.adapters.saved_documents import save_credit_notes, save_invoices
from services.billing.adapters.saved_orders import save_orders
from services.billing.adapters.saved_payments import (
    save_attempts,
    save_dunnings,
    save_verifications,
)
from services.billing.domain.books import Books
from services.billing.domain.payment_attempt import AttemptState
from services.billing.use_cases.ports import Said
from services.billing.use_cases.queues import CHARGES, VERIFICATIONS
from shared.ids import PartnerId
from shared.new_rows import insert_new
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.sql import Sql
from shared.timer import Timer
from shared.transaction import Transaction


async def save_books(
    kernel: Transaction,
    changed: Sequence[tuple[Books, Sequence[Said]]],
    now: Mapping[PartnerId, datetime],
) -> None:
    """What frees a place goes before what takes one: voids before invoices, ends before attempts."""
    sql, all_books = kernel.sql, [books for books, _ in changed]
    await NumberSeries(sql).number(_unnumbered(all_books))
    await _save_contracts(sql, [(books, len(said)) for books, said in changed])
    await save_invoices(sql, all_books)
    await save_credit_notes(sql, all_books)
    await save_attempts(sql, all_books)
    await save_dunnings(sql, all_books)
    await save_verifications(sql, all_books)
    await save_orders(sql, all_books)
    await _save_openings(sql, all_books)
    await Ledger(sql).book(
        [(each, now[each.partner_id]) for books in all_books for each in books.postings]
    )
    await _order_refunds(kernel, changed, now)
    await _set_timers(kernel, all_books)
    await kernel.outbox.add(
        [
            Outgoing(to_contract(event, origin), origin, event.said.at)
            for _, said in changed
            for event, origin in said
        ]
    )
    for books in all_books:
        again = any(each.state is AttemptState.CREATED for each in books.attempts.moved)
        if books.attempts.new or again:
            kernel.intend(CHARGES)
        if books.verification:
            kernel.intend(VERIFICATIONS)


def _unnumbered(all_books: Sequence[Books]) -> list[Unnumbered]:
    return [
        (document, books.contract.partner_id, books.contract.terms.zone)
        for books in all_books
        for document in (
            *(invoice.document for invoice in books.invoices.new),
            *(note.document for note in books.credit_notes),
        )
    ]


async def _save_contracts(sql: Sql, changed: Sequence[tuple[Books, int]]) -> None:
    """A row's version is that of the last event said of it; a new one begins at 0."""
    await execute_set(sql, INSERT_CONTRACTS, [_new_row(b) for b, _ in changed if b.is_new])
    moved = [(books, steps) for books, steps in changed if not books.is_new]
    await require_set(sql, UPDATE_CONTRACTS, [_moved_row(*each) for each in moved], "contracts")


INSERT_CONTRACTS = """
    insert into contracts(
        subscription_id, gateway, method_ref, anchor_on, anchor_no, periods_opened,
        periods_granted, renews_at, timers_no, is_rejected, version, standing, paid_through,
        open_invoice_id, next_attempt_at, grace_until, partner_id, checkout_id, correlation_id, terms)
    select * from unnest(
        $1::text[], $2::text[], $3::text[], $4::date[], $5::int[], $6::int[], $7::int[],
        $8::timestamptz[], $9::int[], $10::boolean[], $11::bigint[], $12::text[],
        $13::timestamptz[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::text[],
        $18::text[], $19::text[], $20::jsonb[])"""

UPDATE_CONTRACTS = """
    update contracts c set
        gateway = t.gateway, method_ref = t.method_ref, anchor_on = t.anchor_on,
        anchor_no = t.anchor_no, periods_opened = t.periods_opened,
        periods_granted = t.periods_granted, renews_at = t.renews_at, timers_no = t.timers_no,
        is_rejected = t.is_rejected, version = t.version, standing = t.standing,
        paid_through = t.paid_through, open_invoice_id = t.open_invoice_id,
        next_attempt_at = t.next_attempt_at, grace_until = t.grace_until,
        terms = coalesce(t.terms, c.terms)
    from unnest(
        $1::text[], $2::text[], $3::text[], $4::date[], $5::int[], $6::int[], $7::int[],
        $8::timestamptz[], $9::int[], $10::boolean[], $11::bigint[], $12::text[],
        $13::timestamptz[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::bigint[],
        $18::jsonb[]
    ) as t(
        subscription_id, gateway, method_ref, anchor_on, anchor_no, periods_opened,
        periods_granted, renews_at, timers_no, is_rejected, version, standing, paid_through,
        open_invoice_id, next_attempt_at, grace_until, loaded_version, terms)
    where c.subscription_id = t.subscription_id and c.version = t.loaded_version
    returning c.subscription_id"""


def _progress(books: Books) -> tuple[object, ...]:
    contract, standing = books.contract, books.standing
    return (
        contract.subscription_id,
        contract.method.gateway if contract.method else None,
        contract.method.ref if contract.method else None,
        contract.schedule.anchor_on if contract.schedule else None,
        contract.schedule.anchor_no if contract.schedule else None,
        contract.periods_opened,
        contract.periods_granted,
        contract.renews_at,
        contract.timers_no,
        contract.rejected,
        standing.version,
        standing.status.value,
        standing.paid_through,
        standing.open_invoice_id,
        standing.next_attempt_at,
        standing.grace_until,
    )


def _new_row(books: Books) -> tuple[object, ...]:
    contract = books.contract
    return (
        *_progress(books),
        contract.partner_id,
        contract.checkout_id,
        contract.correlation_id,
        terms_to(contract.terms),
    )


def _moved_row(books: Books, steps: int) -> tuple[object, ...]:
    """Terms are long, and go along only where others were heard."""
    heard_anew = books.contract.terms is not books.heard
    terms = terms_to(books.contract.terms) if heard_anew else None
    return (*_progress(books), books.standing.version - steps, terms)


async def _save_openings(sql: Sql, all_books: Sequence[Books]) -> None:
    opened = [
        (
            books.contract.subscription_id,
            each.period.no,
            books.contract.partner_id,
            each.period.start,
            each.period.end,
            each.by,
            each.invoice_id,
        )
        for books in all_books
        for each in books.opened
    ]
    await insert_new(sql, "opened_periods", OPENED, opened)


OPENED = (
    *("subscription_id", "period_no", "partner_id", "starts_at", "ends_at", "opened_by"),
    "invoice_id",
)


async def _order_refunds(
    kernel: Transaction,
    changed: Sequence[tuple[Books, Sequence[Said]]],
    now: Mapping[PartnerId, datetime],
) -> None:
    """A refund is ordered beside an event that says why: that event's cause is the refund's."""
    ordered = [
        (refund, said[-1][1] if said else _own(books))
        for books, said in changed
        for refund in books.refunds
    ]
    await RefundRepository(kernel).order(ordered, now)


def _own(books: Books) -> Origin:
    contract = books.contract
    return Origin("service:billing", contract.subscription_id, contract.correlation_id)


async def _set_timers(kernel: Transaction, all_books: Sequence[Books]) -> None:
    silenced = sorted({each for books in all_books for each in books.silenced})
    for kind in sorted({kind for kind, _ in silenced}):
        await kernel.timers.cancel([kind], [subject for each, subject in silenced if each == kind])
    await kernel.timers.set(
        [
            Timer(
                alarm.kind,
                alarm.subject,
                alarm.key,
                alarm.at,
                books.contract.partner_id,
                books.contract.correlation_id,
            )
            for books in all_books
            for alarm in books.alarms
        ]
    )
