"""What billing does when the subscriptions service asks whether an order may be applied."""

from collections.abc import Sequence

from services.billing.context import EdgeTransaction
from services.billing.domain.contract import SubscriptionId, SubscriptionKey
from services.billing.domain.order import Order
from services.billing.use_cases.hear_orders import (
    CanceledOrder,
    PlacedOrder,
    drop_orders,
    take_up_orders,
)
from shared.consumer import Consumer
from shared.contracts.orders import OrderCanceled, OrderPlaced
from shared.ids import PartnerId
from shared.received import Received


def listen_to_orders(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(OrderPlaced)
    async def answer(received: Sequence[Received[OrderPlaced]], tx: EdgeTransaction) -> None:
        placed = [_placed(each) for each in received if each.event.order.subscription_id]
        now = await tx.clocks.now_by_partner({each.order.partner_id for each in placed})
        await take_up_orders(placed, tx, now)

    @consumer.on(OrderCanceled)
    async def let_go(received: Sequence[Received[OrderCanceled]], tx: EdgeTransaction) -> None:
        canceled = [_canceled(each) for each in received if each.event.order.subscription_id]
        now = await tx.clocks.now_by_partner({each.key.partner_id for each in canceled})
        await drop_orders(canceled, tx, now)


def _placed(received: Received[OrderPlaced]) -> PlacedOrder:
    event, told = received.event, received.event.order
    order = Order(
        id=told.id,
        partner_id=PartnerId(told.partner_id),
        subscription_id=SubscriptionId(told.subscription_id or ""),
        gate=event.gate,
        total_minor=event.total_minor,
        currency=event.currency,
        subscription_version=event.subscription_version,
        expires_at=event.expires_at,
        actor=received.origin.actor,
    )
    return PlacedOrder(order, received.origin)


def _canceled(received: Received[OrderCanceled]) -> CanceledOrder:
    told = received.event.order
    key = SubscriptionKey(PartnerId(told.partner_id), SubscriptionId(told.subscription_id or ""))
    return CanceledOrder(key, told.id, received.origin)
