"""What an auditor asks: are the numbers without a gap, does the ledger add up."""

from dataclasses import dataclass
from datetime import datetime

from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class SeriesAudit:
    """`gaps` and `duplicates` are numbers; both lists are empty, and dates never run backwards."""

    kind: str
    year: int
    first: int
    last: int
    count: int
    gaps: list[int]
    duplicates: list[int]
    dates_ascend: bool
    voids: list[str]


@dataclass(frozen=True, slots=True)
class Balance:
    account: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class StandingRow:
    subscription_id: str
    version: int
    status: str
    paid_through: datetime | None
    open_invoice_id: str | None
    next_attempt_at: datetime | None
    grace_until: datetime | None
    gateway: str | None
    method_ref: str | None
    renews_at: datetime | None


async def audit_sequences(sql: Sql, partner_id: PartnerId) -> list[SeriesAudit]:
    """Read from the documents themselves and held against the counters."""
    rows = await sql.fetch(
        """
        with documents as (
            select 'invoice' as kind, series_year as year, series_seq as seq, number, issued_at,
                   status = 'void' as is_void
            from invoices where partner_id = $1
            union all
            select 'credit_note', series_year, series_seq, number, issued_at, false
            from credit_notes where partner_id = $1
        ), stepped as (
            select *, lag(issued_at) over (partition by kind, year order by seq) as issued_before
            from documents
        )
        select s.kind, s.year, s.last_seq as last, coalesce(min(d.seq), 0) as first,
               count(d.seq) as count,
               coalesce(bool_and(d.issued_before is null or d.issued_before <= d.issued_at), true)
                   as dates_ascend,
               coalesce(array_agg(d.number order by d.seq) filter (where d.is_void), '{}') as voids,
               array(select n from generate_series(1, s.last_seq) as n where not exists (
                   select from documents e where (e.kind, e.year, e.seq) = (s.kind, s.year, n)))
                   as gaps,
               array(select e.seq from documents e where (e.kind, e.year) = (s.kind, s.year)
                   group by e.seq having count(*) > 1) as duplicates
        from number_series s left join stepped d on (d.kind, d.year) = (s.kind, s.year)
        where s.partner_id = $1
        group by s.kind, s.year, s.last_seq order by s.kind, s.year""",
        partner_id,
    )
    names = SeriesAudit.__dataclass_fields__
    return [SeriesAudit(**{name: row[name] for name in names}) for row in rows]


async def balances(sql: Sql, partner_id: PartnerId) -> list[Balance]:
    rows = await sql.fetch(
        """
        select account, currency, sum(amount_minor)::bigint as amount_minor from ledger_entries
        where partner_id = $1 group by account, currency order by account, currency""",
        partner_id,
    )
    return [Balance(row["account"], row["currency"], row["amount_minor"]) for row in rows]


async def show_standing(
    sql: Sql, partner_id: PartnerId, subscription_id: str
) -> StandingRow | None:
    row = await sql.fetchrow(
        """
        select *, standing as status from contracts
        where partner_id = $1 and subscription_id = $2""",
        partner_id,
        subscription_id,
    )
    if row is None:
        return None
    return StandingRow(**{name: row[name] for name in StandingRow.__dataclass_fields__})


# What the gateway still has to answer; a pending refund waits for a time, not for an answer. Whose a
# webhook is shows when it is handled, so none of them belongs to a partner here.
OPEN_EFFECTS = """
    select partner_id, 'payment attempt ' || id || ' (' || state || ')' as item
    from payment_attempts where state in ('created', 'sent', 'unknown')
    union all
    select partner_id, 'verification of ' || reference from verifications where state = 'asked'
    union all
    select partner_id, 'refund ' || id || ' (' || state || ')' from refunds
    where state = 'ordered' or (state = 'pending' and (next_at is null or lease_until is not null))
    union all
    select '', 'webhook ' || id from webhooks where state = 'stored'"""
