"""Customer accounts as the API shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: str
    external_reference: str | None
    type: str
    name: str
    email: str
    phone: str | None
    vat_number: str | None
    address: dict[str, Any] | None
    timezone: str
    language: str
    notifications_enabled: bool
    sign_in_enabled: bool
    version: int
    created_at: datetime


async def list_customers(
    sql: Sql,
    partner_id: PartnerId,
    *,
    email_key: str | None,
    reference: str | None,
    starting_after: str | None,
    limit: int,
) -> list[CustomerRow]:
    """The newest first."""
    rows = await sql.fetch(
        """
        select * from customers
        where partner_id = $1
          and ($2::text is null or email_key = $2)
          and ($3::text is null or reference = $3)
          and ($4::text is null or id < $4)
        order by id desc limit $5""",
        partner_id,
        email_key,
        reference,
        starting_after,
        limit,
    )
    return [_from_row(row) for row in rows]


async def show_customer(sql: Sql, partner_id: PartnerId, customer_id: str) -> CustomerRow | None:
    row = await sql.fetchrow(
        "select * from customers where partner_id = $1 and id = $2", partner_id, customer_id
    )
    return None if row is None else _from_row(row)


def _from_row(row: Any) -> CustomerRow:
    return CustomerRow(
        id=row["id"],
        external_reference=row["reference"],
        type=row["type"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        vat_number=row["vat_number"],
        address=row["address"],
        timezone=row["timezone"],
        language=row["language"],
        notifications_enabled=row["notifications_enabled"],
        sign_in_enabled=row["sign_in_enabled"],
        version=row["version"],
        created_at=row["created_at"],
    )
