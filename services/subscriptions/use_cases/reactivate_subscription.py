"""Order an ended subscription back."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.gated_order import Gate, GatedOrder, require_none_waiting
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.order import OrderId
from services.subscriptions.domain.reactivation import reactivate
from services.subscriptions.domain.subscription import (
    CustomerId,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ReactivateSubscription:
    """`order_id` is made of the request, so that one that comes again orders nothing more."""

    order_id: OrderId
    partner_id: PartnerId
    subscription_id: SubscriptionId
    asked_by: CustomerId | None
    gate: Gate
    reason: str
    origin: Origin


async def reactivate_subscription(
    command: ReactivateSubscription, tx: Transaction, now: datetime
) -> GatedOrder:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    subscription.require_visible_to(command.asked_by)
    known = await tx.gated_orders.find_many([command.order_id])
    if command.order_id in known:
        return known[command.order_id]
    require_none_waiting(await tx.gated_orders.waiting_on(key))
    cause = Cause(command.reason, command.origin.actor, now)
    order, outcome = reactivate(subscription, command.order_id, command.gate, cause)
    await tx.subscriptions.save(subscription, outcome.of_subscription, command.origin)
    await tx.gated_orders.add(order, outcome.of_order, command.origin)
    return order
