"""Cut a subscription's access for one more reason; an order that waits there gives way."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.gated_order import cancel_order
from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.domain.suspension import place_hold as place
from services.subscriptions.use_cases.ports import Moved, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class PlaceHold:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    kind: HoldKind
    reason: str
    expires_at: datetime | None
    origin: Origin


async def place_hold(command: PlaceHold, tx: Transaction, now: datetime) -> Subscription:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    cause = Cause(command.reason, command.origin.actor, now)
    events = place(subscription, command.kind, cause, command.expires_at)
    await tx.subscriptions.save(subscription, events, command.origin)
    if waiting := await tx.gated_orders.waiting_on(key):
        await tx.gated_orders.save_many(
            [Moved(waiting, cancel_order(waiting, cause), command.origin)]
        )
    return subscription
