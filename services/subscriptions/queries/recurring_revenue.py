"""Reading what recurring revenue is made of, in groups: a partner may have a million of them."""

from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.recurring_revenue import Group
from services.subscriptions.domain.subscription import Status
from shared.calendar import Interval
from shared.ids import PartnerId
from shared.sql import Sql


async def revenue_groups(sql: Sql, partner_id: PartnerId) -> list[Group]:
    """An item's price is for one unit and one interval; free subscriptions are a group apart."""
    rows = await sql.fetch(
        """
        with priced as (
            select currency, interval_unit, interval_count, status, ends_at is not null as is_ending,
                   array(select distinct h ->> 'kind' from jsonb_array_elements(holds) h
                         order by 1) as holds,
                   (select coalesce(sum((i ->> 'quantity')::bigint
                                        * (i ->> 'unit_price_minor')::bigint), 0)
                    from jsonb_array_elements(items) i) as amount
            from subscriptions
            where partner_id = $1 and status in ('trialing', 'active', 'past_due', 'grace',
                                                 'suspended'))
        select currency, interval_unit, interval_count, status, is_ending, holds,
               count(*) as n, sum(amount)::bigint as amount
        from priced group by currency, interval_unit, interval_count, status, is_ending, holds,
                             amount > 0""",
        partner_id,
    )
    return [
        Group(
            currency=row["currency"],
            interval=Interval(row["interval_unit"], row["interval_count"]),
            status=Status(row["status"]),
            is_ending=row["is_ending"],
            holds=frozenset(map(HoldKind, row["holds"])),
            subscriptions=row["n"],
            amount_minor=row["amount"],
        )
        for row in rows
    ]
