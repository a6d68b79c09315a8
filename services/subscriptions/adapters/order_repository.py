"""The orders that checkouts have placed, and the checkouts that were rejected."""

from collections.abc import Collection, Sequence

from pydantic import TypeAdapter

from services.subscriptions.adapters.published import to_order_contract
from services.subscriptions.domain.order import OrderId, OrderStale, Refusal
from services.subscriptions.use_cases.ports import CheckoutKey, Placed
from shared.ids import PartnerId
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql

REFUSAL = TypeAdapter(Refusal)


class OrderRepository:
    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def known(self, ids: Collection[OrderId]) -> set[OrderId]:
        rows = await self._sql.fetch(
            "select id from orders where id = any($1::text[])", sorted(ids)
        )
        return {OrderId(row["id"]) for row in rows}

    async def add_many(self, placed: Sequence[Placed]) -> None:
        if not placed:
            return
        rows = [_to_row(each) for each in placed]
        added = await self._sql.fetch(
            """
            insert into orders(id, partner_id, kind, status, checkout_id, subscription_id, refusal,
                               placed_at, version)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                                 $6::text[], $7::jsonb[], $8::timestamptz[], $9::bigint[])
            on conflict do nothing returning id""",
            *map(list, zip(*rows, strict=True)),
        )
        if len(added) < len(placed):
            raise OrderStale("an order was placed by somebody else meanwhile")
        await self._outbox.add(
            [
                Outgoing(to_order_contract(event), each.origin, event.cause.at)
                for each in placed
                for event in each.events
            ]
        )


def _to_row(placed: Placed) -> tuple[object, ...]:
    order = placed.order
    refusal = None if order.refusal is None else REFUSAL.dump_json(order.refusal).decode()
    return (
        order.id,
        order.partner_id,
        "new",
        order.status.value,
        order.checkout_id,
        order.subscription_id,
        refusal,
        order.placed_at,
        order.version,
    )


class RejectedCheckoutRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def among(self, keys: Collection[CheckoutKey]) -> set[CheckoutKey]:
        rows = await self._sql.fetch(
            """
            select partner_id, checkout_id from rejected_checkouts
            join unnest($1::text[], $2::text[]) as t(partner_id, checkout_id)
                 using (partner_id, checkout_id)""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        return {CheckoutKey(PartnerId(row["partner_id"]), row["checkout_id"]) for row in rows}

    async def remember(self, keys: Collection[CheckoutKey]) -> None:
        ordered = sorted(keys)
        await self._sql.execute(
            """
            insert into rejected_checkouts(partner_id, checkout_id)
            select * from unnest($1::text[], $2::text[]) on conflict do nothing""",
            [key.partner_id for key in ordered],
            [key.id for key in ordered],
        )
