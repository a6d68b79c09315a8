"""Invoices, payments and refunds as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    id: str
    number: str
    status: str
    subscription_id: str
    bill_to: str
    currency: str
    total_minor: int
    paid_minor: int
    credited_minor: int
    period_no: int
    period_start: datetime
    period_end: datetime
    issued_at: datetime
    due_at: datetime
    settled_by: str | None
    lines: list[dict[str, Any]]
    retries: list[dict[str, Any]]
    grace_until: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentRow:
    id: str
    key: str
    invoice_id: str
    subscription_id: str
    n: int
    cause: str
    state: str
    amount_minor: int
    currency: str
    gateway: str
    reference: str | None
    code: str | None
    is_hard: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundRow:
    id: str
    key: str
    subscription_id: str | None
    checkout_id: str | None
    gateway: str
    reference: str
    amount_minor: int | None
    currency: str | None
    state: str
    reason: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which documents: of one partner, the newest first, from after one of them."""

    partner_id: PartnerId
    starting_after: str | None
    limit: int
    id: str | None = None
    subscription_id: str | None = None
    invoice_id: str | None = None
    status: str | None = None


async def list_invoices(sql: Sql, asked: Asked) -> list[InvoiceRow]:
    rows = await sql.fetch(
        """
        select i.*, d.retries, d.grace_until, (
            select jsonb_agg(jsonb_build_object(
                'identity', l.identity, 'item_id', l.item_id, 'product', l.product,
                'quantity', l.quantity, 'unit_price_minor', l.unit_price_minor,
                'amount_minor', l.amount_minor) order by l.identity)
            from invoice_lines l where l.invoice_id = i.id) as lines
        from invoices i left join dunnings d on d.invoice_id = i.id
        where i.partner_id = $1 and ($2::text is null or i.id < $2)
          and ($4::text is null or i.id = $4)
          and ($5::text is null or i.subscription_id = $5)
          and ($6::text is null or i.status = $6)
        order by i.id desc limit $3""",
        asked.partner_id,
        asked.starting_after,
        asked.limit,
        asked.id,
        asked.subscription_id,
        asked.status,
    )
    names = InvoiceRow.__dataclass_fields__
    return [
        InvoiceRow(**{n: row[n] for n in names} | {"retries": row["retries"] or []}) for row in rows
    ]


async def list_payments(sql: Sql, asked: Asked) -> list[PaymentRow]:
    rows = await sql.fetch(
        """
        select * from payment_attempts
        where partner_id = $1 and ($2::text is null or id < $2)
          and ($4::text is null or id = $4)
          and ($5::text is null or subscription_id = $5)
          and ($6::text is null or state = $6)
          and ($7::text is null or invoice_id = $7)
        order by id desc limit $3""",
        asked.partner_id,
        asked.starting_after,
        asked.limit,
        asked.id,
        asked.subscription_id,
        asked.status,
        asked.invoice_id,
    )
    return [PaymentRow(**_named(row, PaymentRow.__dataclass_fields__)) for row in rows]


async def list_refunds(sql: Sql, asked: Asked) -> list[RefundRow]:
    """Their ids are derived, so the order is by when they were ordered."""
    rows = await sql.fetch(
        """
        select * from refunds
        where partner_id = $1
          and ($2::text is null or (ordered_at, id) < (
              select ordered_at, id from refunds where partner_id = $1 and id = $2))
          and ($4::text is null or subscription_id = $4)
          and ($5::text is null or state = $5)
        order by ordered_at desc, id desc limit $3""",
        asked.partner_id,
        asked.starting_after,
        asked.limit,
        asked.subscription_id,
        asked.status,
    )
    return [RefundRow(**_named(row, RefundRow.__dataclass_fields__)) for row in rows]


def _named(row: Any, names: Sequence[str] | dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in names}
