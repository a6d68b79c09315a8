"""Whether money that is asked for is owed, by the books as they stand when it is asked for."""

from collections.abc import Sequence
from typing import Final

from shared.sql import Sql

# An order is charged while its subscription has ended, and on no other hold.
NOT_OWED: Final = """
    select a.key, a.state, i.status, c.terms->>'status' as life, c.terms->'holds' as holds
    from payment_attempts a
    join invoices i on i.id = a.invoice_id
    join contracts c on c.subscription_id = a.subscription_id
    where a.key = any($1::text[]) and (
        a.state <> 'sent' or i.status <> 'open' or c.is_rejected
        or c.terms->>'status' in ('canceled', 'terminated')
        or exists (
            select from jsonb_array_elements(c.terms->'holds') as h
            where h->>'kind' not in ('non_payment', case when i.order_id is null then '' else 'ended' end)))"""


async def not_owed(sql: Sql, keys: Sequence[str]) -> list[str]:
    """I6 and I7 at the instant of the call: billing has noted it, and has heard of nothing by which
    the customer would not be charged any more.
    """
    rows = await sql.fetch(NOT_OWED, list(keys))
    return [
        f"I6 {row['key']} is asked for, {row['state']}: the invoice is {row['status']}, "
        f"the subscription {row['life']}, held by {row['holds']}"
        for row in rows
    ]
