"""Messages as a partner's people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.notifier.adapters.message_repository import (
    ADDRESSED,
    addressed_from_row,
    from_row,
)
from services.notifier.domain.letter import Addressed
from services.notifier.domain.message import Message, MessageNotFound
from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; None narrows nothing."""

    customer_id: str | None = None
    subscription_id: str | None = None
    template: str | None = None
    status: str | None = None


async def list_messages(
    sql: Sql, partner_id: PartnerId, wanted: Wanted, limit: int, starting_after: str | None
) -> Sequence[Message]:
    """The newest first. A cursor that names no message of this partner ends the list."""
    rows = await sql.fetch(
        """
        select * from messages
        where partner_id = $1
          and ($2::text is null or customer_id = $2)
          and ($3::text is null or subscription_id = $3)
          and ($4::text is null or template = $4)
          and ($5::text is null or state = $5)
          and ($6::text is null
               or n < (select n from messages where id = $6 and partner_id = $1))
        order by n desc limit $7""",
        partner_id,
        wanted.customer_id,
        wanted.subscription_id,
        wanted.template,
        wanted.status,
        starting_after,
        limit,
    )
    return [from_row(row) for row in rows]


async def find_message(
    sql: Sql, partner_id: PartnerId, message_id: str
) -> tuple[Message, Addressed | None]:
    """With its recipient and brand, where both are known.

    Raises:
        MessageNotFound: this partner has none of that id.
    """
    row: Any = await sql.fetchrow(
        f"""
        select m.*, {ADDRESSED}
        from messages m
        left join contacts c using (partner_id, customer_id)
        left join brands b using (partner_id)
        left join offers o on o.partner_id = m.partner_id and o.code = m.facts ->> 'offer'
        where m.partner_id = $1 and m.id = $2""",  # noqa: S608  a constant
        partner_id,
        message_id,
    )
    if row is None:
        raise MessageNotFound(
            f"there is no message {message_id}", way_out="list them with GET /v1/messages"
        )
    known = row["contact_version"] is not None and row["brand_version"] is not None
    return from_row(row), addressed_from_row(row) if known else None


# Mails that could go now, or are on their way; not those that wait for an address.
OPEN_MAILS = """
    select m.partner_id, 'mail ' || m.id || ' (' || m.template || ')' as item from messages m
    where m.state = 'sending' or (m.state = 'queued' and exists (
        select from contacts c join brands b using (partner_id)
        where c.partner_id = m.partner_id and c.customer_id = m.customer_id))"""
