"""What must be true of billing's books after a month, or its speed is worth nothing."""

from bench.portfolio import Month
from bench.run import require
from bench.server import Connection

LEFT = """
    select
        (select count(*) from invoices where period_no = $1 and status = 'paid') as paid,
        (select count(*) from invoices where period_no = $1) as invoices,
        (select count(*) from opened_periods where period_no = $1) as opened,
        (select count(*) from payment_attempts a join invoices i on i.id = a.invoice_id
         where i.period_no = $1 and a.state = 'succeeded') as payments,
        (select count(distinct series_seq) from invoices) as numbers,
        (select coalesce(max(series_seq), 0) from invoices) as last_number,
        (select count(*) from ledger_entries) as entries,
        (select count(*) from ledger_entries where account = 'receivable') as receivable,
        (select coalesce(sum(amount_minor), 0) from ledger_entries) as balance,
        (select coalesce(sum(amount_minor), 0) from ledger_entries
         where account = 'receivable') as owed,
        (select count(*) from outbox where topic = 'period.opened') as told"""


async def require_balanced(connection: Connection, month: Month, contracts: int) -> None:
    """
    Raises:
        OutOfBalance: an invoice, payment, period, number, entry or event is missing or too many.
    """
    row = await connection.fetchrow(LEFT, month.no)
    if row is None:
        raise AssertionError("a query without a table has one row")
    for name in ("paid", "invoices", "opened", "payments"):
        require(row[name] == contracts, f"{name}: {row[name]} of {contracts} in month {month.no}")
    in_all = contracts * month.no
    require(row["numbers"] == row["last_number"] == in_all, "the numbers have gaps")
    require(row["entries"] == 4 * in_all, f"{row['entries']} ledger entries of {4 * in_all}")
    require(row["balance"] == row["owed"] == 0, "the ledger does not add up")
    require(row["told"] == in_all, f"period.opened was said {row['told']} times of {in_all}")
