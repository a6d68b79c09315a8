"""Reading an order without a lock."""

from services.subscriptions.adapters.gated_order_repository import order_from_row
from services.subscriptions.domain.gated_order import GatedOrder, OrderNotFound
from services.subscriptions.domain.order import OrderId
from shared.ids import PartnerId
from shared.sql import Sql


async def find_order(sql: Sql, partner_id: PartnerId, order_id: OrderId) -> GatedOrder:
    """One that a subscription was asked for; what a checkout asked is told by its own service."""
    row = await sql.fetchrow(
        "select * from orders where partner_id = $1 and id = $2 and kind <> 'new'",
        partner_id,
        order_id,
    )
    if row is None:
        raise OrderNotFound(f"no order {order_id}")
    return order_from_row(row)
