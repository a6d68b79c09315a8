"""Checkouts and what became of them, as the API shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class CheckoutRow:
    id: str
    checkout_id: str
    source: str
    status: str
    customer_id: str | None
    subscription_id: str | None
    offer: str
    currency: str
    items: list[dict[str, Any]]
    timezone: str
    payment: dict[str, Any]
    metadata: dict[str, str]
    rejection: dict[str, Any] | None
    received_at: datetime
    ended_at: datetime | None


async def list_checkouts(
    sql: Sql,
    partner_id: PartnerId,
    *,
    status: str | None,
    reference: str | None,
    customer_id: str | None,
    starting_after: str | None,
    limit: int,
) -> list[CheckoutRow]:
    """The newest first; ids of checkouts are derived, so the order is by arrival and then by id."""
    rows = await sql.fetch(
        """
        select * from checkouts
        where partner_id = $1
          and ($2::text is null or status = $2)
          and ($3::text is null or reference = $3)
          and ($4::text is null or customer_id = $4)
          and ($5::text is null or (received_at, id) < (
              select received_at, id from checkouts where partner_id = $1 and id = $5))
        order by received_at desc, id desc limit $6""",
        partner_id,
        status,
        reference,
        customer_id,
        starting_after,
        limit,
    )
    return [_from_row(row) for row in rows]


async def show_checkout(sql: Sql, partner_id: PartnerId, checkout_id: str) -> CheckoutRow | None:
    row = await sql.fetchrow(
        "select * from checkouts where partner_id = $1 and id = $2", partner_id, checkout_id
    )
    return None if row is None else _from_row(row)


def _from_row(row: Any) -> CheckoutRow:
    return CheckoutRow(
        id=row["id"],
        checkout_id=row["reference"],
        source=row["source"],
        status=row["status"],
        customer_id=row["customer_id"],
        subscription_id=row["subscription_id"],
        offer=row["offer"],
        currency=row["currency"],
        items=row["items"],
        timezone=row["timezone"],
        payment=row["payment"],
        metadata=row["metadata"],
        rejection=row["rejection"],
        received_at=row["received_at"],
        ended_at=row["ended_at"],
    )
