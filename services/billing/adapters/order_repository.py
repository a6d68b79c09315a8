"""Orders as they are heard: an order, or that it is canceled, whichever comes first."""

from collections.abc import Collection, Sequence

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.contract import SubscriptionKey
from services.billing.domain.order import Order
from shared.sql import Sql


class OrderRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def keep(self, placed: Sequence[Order]) -> None:
        await execute_set(
            self._sql,
            """
            insert into orders(id, partner_id, subscription_id, gate, total_minor, currency,
                               subscription_version, expires_at, actor, state)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
                                 $6::text[], $7::bigint[], $8::timestamptz[], $9::text[],
                                 $10::text[])
            on conflict do nothing""",
            [
                (
                    each.id,
                    each.partner_id,
                    each.subscription_id,
                    each.gate,
                    each.total_minor,
                    each.currency,
                    each.subscription_version,
                    each.expires_at,
                    each.actor,
                    each.state.value,
                )
                for each in sorted(placed, key=lambda each: each.id)
            ],
        )

    async def keep_canceled(self, canceled: Collection[tuple[SubscriptionKey, str]]) -> None:
        await execute_set(
            self._sql,
            """
            insert into orders(id, partner_id, subscription_id, state)
            select t.*, 'canceled' from unnest($1::text[], $2::text[], $3::text[]) as t
            on conflict do nothing""",
            sorted((order_id, key.partner_id, key.id) for key, order_id in canceled),
        )
