"""The raw limit: the rows that renewals left, copied into the same tables by the bare driver.

Each row is written once, as it stands at the end, a thousand renewals a transaction: no rule is
asked, nothing is read, locked or decided. Nothing that stores these rows can be faster by much.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.portfolio import Month
from bench.server import Connection

CHUNK = 1000
# How many rows of each table a renewal leaves, and which; in the order of the subscriptions.
LEFT = {
    "invoices": (1, "select * from invoices i where period_no = $1 order by subscription_id"),
    "invoice_lines": (
        1,
        """
        select l.* from invoice_lines l join invoices i on i.id = l.invoice_id
        where i.period_no = $1 order by i.subscription_id""",
    ),
    "payment_attempts": (
        1,
        """
        select a.* from payment_attempts a join invoices i on i.id = a.invoice_id
        where i.period_no = $1 order by i.subscription_id""",
    ),
    "opened_periods": (
        1,
        """
        select * from opened_periods where period_no = $1 and invoice_id is not null
        order by subscription_id""",
    ),
    "ledger_transactions": (
        2,
        """
        select t.* from invoices i
        cross join lateral (values ('issue/' || i.id), ('payment/' || i.id || '/1')) c(cause)
        join ledger_transactions t using (cause)
        where i.period_no = $1 order by i.subscription_id""",
    ),
    "ledger_entries": (
        4,
        """
        select e.* from invoices i
        cross join lateral (values ('issue/' || i.id), ('payment/' || i.id || '/1')) c(cause)
        join ledger_entries e using (cause)
        where i.period_no = $1 order by i.subscription_id, e.cause, e.n""",
    ),
    "timers": (
        2,
        """
        select * from timers where due_key = ($1::int + 1)::text order by subject, kind""",
    ),
}
OUTBOX = """
    select id, lane, topic, key, aggregate, subject, version, partner_id, headers, payload,
           created_at
    from outbox where seq > $1 and topic <> 'invoice.upcoming' order by key, seq"""
EVENTS = 4
CONTRACTS = """
    select c.subscription_id, c.periods_opened, c.renews_at, c.timers_no, c.version, c.paid_through
    from contracts c join invoices i using (subscription_id)
    where i.period_no = $1 order by c.subscription_id"""
UPDATE_CONTRACTS = """
    update contracts c
    set periods_opened = t.periods_opened, renews_at = t.renews_at, timers_no = t.timers_no,
        version = t.version, paid_through = t.paid_through
    from unnest($1::text[], $2::int[], $3::timestamptz[], $4::int[], $5::bigint[],
                $6::timestamptz[])
        as t(subscription_id, periods_opened, renews_at, timers_no, version, paid_through)
    where c.subscription_id = t.subscription_id"""
UPDATE_TIMERS = """
    update timers t set fired_at = $3 from unnest($1::text[]) as d(subject)
    where t.kind = 'renewal' and t.subject = d.subject and t.due_key = $2"""


@dataclass(frozen=True)
class Left:
    """What the renewals of one month left, by table: columns, rows, rows a renewal."""

    month: Month
    contracts: Sequence[tuple[Any, ...]]
    tables: dict[str, tuple[Sequence[str], Sequence[tuple[Any, ...]], int]]


async def left_by(connection: Connection, month: Month, after_seq: int) -> Left:
    """`after_seq`: the last event in the outbox before these renewals."""
    tables = {}
    for table, (each, query) in LEFT.items():
        tables[table] = _table(await connection.fetch(query, month.no), each)
    tables["outbox"] = _table(await connection.fetch(OUTBOX, after_seq), EVENTS)
    contracts = [tuple(row) for row in await connection.fetch(CONTRACTS, month.no)]
    return Left(month, contracts, tables)


async def copy(connection: Connection, left: Left) -> float:
    """Write it all; the seconds that took."""
    begun = time.perf_counter()
    for first in range(0, len(left.contracts), CHUNK):
        async with connection.transaction():
            await _copy_chunk(connection, left, first)
    return time.perf_counter() - begun


async def _copy_chunk(connection: Connection, left: Left, first: int) -> None:
    contracts = left.contracts[first : first + CHUNK]
    await connection.execute(UPDATE_CONTRACTS, *map(list, zip(*contracts, strict=True)))
    await connection.execute(
        UPDATE_TIMERS, [each[0] for each in contracts], str(left.month.no), left.month.renews_at
    )
    for table, (columns, rows, each) in left.tables.items():
        await connection.copy_records_to_table(
            table, records=rows[first * each : (first + CHUNK) * each], columns=columns
        )


def _table(rows: Sequence[Any], each: int) -> tuple[Sequence[str], Sequence[tuple[Any, ...]], int]:
    return list(rows[0].keys()), [tuple(row) for row in rows], each
