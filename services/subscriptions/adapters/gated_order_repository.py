"""Orders that wait for billing: the only SQL that writes one, with its events and its timer."""

from collections.abc import Collection, Sequence
from typing import Any

from pydantic import TypeAdapter

from services.subscriptions.adapters.published import to_gated_contract
from services.subscriptions.adapters.subscription_rows import ITEMS
from services.subscriptions.domain.gated_order import Gate, GatedOrder, GatedOrderEvent
from services.subscriptions.domain.order import (
    OrderId,
    OrderKind,
    OrderStale,
    OrderStatus,
    Refusal,
)
from services.subscriptions.domain.renewal import OpenedPeriod
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Moved
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql
from shared.timer import Timer, Timers

REFUSAL = TypeAdapter(Refusal)
PERIOD = TypeAdapter(OpenedPeriod)
EXPIRES = "order_expires"


class GatedOrderRepository:
    def __init__(self, sql: Sql, outbox: Outbox, timers: Timers) -> None:
        self._sql = sql
        self._outbox = outbox
        self._timers = timers

    async def waiting_on(self, key: SubscriptionKey) -> GatedOrder | None:
        row = await self._sql.fetchrow(
            """
            select * from orders
            where partner_id = $1 and subscription_id = $2 and status = 'placed' for update""",
            key.partner_id,
            key.id,
        )
        return None if row is None else order_from_row(row)

    async def find_many(self, ids: Collection[OrderId]) -> dict[OrderId, GatedOrder]:
        rows = await self._sql.fetch(
            """
            select * from orders where id = any($1::text[]) and kind <> 'new'
            order by id for update""",
            sorted(ids),
        )
        return {OrderId(row["id"]): order_from_row(row) for row in rows}

    async def add(
        self, order: GatedOrder, events: Sequence[GatedOrderEvent], origin: Origin
    ) -> None:
        added = await self._sql.fetch(
            """
            insert into orders(id, partner_id, kind, status, subscription_id, placed_at, version,
                               gate, items, currency, total_minor, subscription_version, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13)
            on conflict do nothing returning id""",
            order.id,
            order.partner_id,
            order.kind.value,
            order.status.value,
            order.subscription_id,
            order.placed_at,
            order.version,
            order.gate.value,
            ITEMS.dump_json(order.items).decode(),
            order.currency,
            order.total_minor,
            order.subscription_version,
            order.expires_at,
        )
        if not added:
            raise OrderStale("an order was placed by somebody else meanwhile")
        if order.is_waiting:
            await self._timers.set([_timer(order, origin)])
        await self._tell([Moved(order, events, origin)])

    async def save_many(self, moved: Sequence[Moved]) -> None:
        latest = {each.order.id: each.order for each in moved}
        if not latest:
            return
        steps = dict.fromkeys(latest, 0)
        for each in moved:
            steps[each.order.id] += len(each.events)
        rows = [_moving(it, it.version - steps[it.id]) for it in latest.values()]
        saved = await self._sql.fetch(
            """
            update orders o set status = t.status, version = t.version, refusal = t.refusal,
                   is_cleared = t.is_cleared, period = t.period
            from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::jsonb[],
                        $6::boolean[], $7::jsonb[])
                 as t(id, loaded_version, status, version, refusal, is_cleared, period)
            where o.id = t.id and o.version = t.loaded_version returning o.id""",
            *map(list, zip(*rows, strict=True)),
        )
        if len(saved) < len(latest):
            raise OrderStale("an order moved on meanwhile")
        ended = [it.id for it in latest.values() if steps[it.id] and not it.is_waiting]
        await self._timers.cancel([EXPIRES], ended)
        await self._tell(moved)

    async def _tell(self, moved: Sequence[Moved]) -> None:
        await self._outbox.add(
            [
                Outgoing(to_gated_contract(event), each.origin, event.cause.at)
                for each in moved
                for event in each.events
            ]
        )


def order_from_row(row: Any) -> GatedOrder:
    return GatedOrder(
        id=OrderId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        kind=OrderKind(row["kind"]),
        gate=Gate(row["gate"]),
        items=ITEMS.validate_python(row["items"]),
        currency=row["currency"],
        total_minor=row["total_minor"],
        subscription_version=row["subscription_version"],
        placed_at=row["placed_at"],
        expires_at=row["expires_at"],
        version=row["version"],
        status=OrderStatus(row["status"]),
        refusal=None if row["refusal"] is None else REFUSAL.validate_python(row["refusal"]),
        cleared=row["is_cleared"],
        period=None if row["period"] is None else PERIOD.validate_python(row["period"]),
    )


def _moving(order: GatedOrder, loaded_version: int) -> tuple[object, ...]:
    return (
        order.id,
        loaded_version,
        order.status.value,
        order.version,
        None if order.refusal is None else REFUSAL.dump_json(order.refusal).decode(),
        order.cleared,
        None if order.period is None else PERIOD.dump_json(order.period).decode(),
    )


def _timer(order: GatedOrder, origin: Origin) -> Timer:
    """The subject is the order, so that its end alone takes the timer back."""
    return Timer(
        EXPIRES,
        order.id,
        order.subscription_id,
        order.expires_at,
        order.partner_id,
        origin.correlation_id,
    )
