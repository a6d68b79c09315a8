"""Drop orders that billing has not answered in time; money that comes later is given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.gated_order import expire
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.order import OrderId
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Moved, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ExpireOrder:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    order_id: OrderId
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def expire_orders(
    commands: Sequence[ExpireOrder],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """Subscriptions are locked first, as by everyone who moves an order."""
    await tx.subscriptions.get_many({each.key for each in commands})
    orders = await tx.gated_orders.find_many({each.order_id for each in commands})
    moved: list[Moved] = []
    for each in commands:
        order = orders[each.order_id]
        cause = Cause("expired", each.origin.actor, now_by_partner[each.partner_id])
        moved.append(Moved(order, expire(order, cause), each.origin))
    await tx.gated_orders.save_many(moved)
