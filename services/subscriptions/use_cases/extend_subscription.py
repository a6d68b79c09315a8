"""Lengthen a subscription, as a gift or for money that was paid elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.extension import Grant, extend
from services.subscriptions.domain.gated_order import require_none_waiting
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ExtendSubscription:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    grant: Grant
    note: str
    origin: Origin


async def extend_subscription(
    command: ExtendSubscription, tx: Transaction, now: datetime
) -> Subscription:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    require_none_waiting(await tx.gated_orders.waiting_on(key))
    cause = Cause(command.note, command.origin.actor, now)
    events = extend(subscription, command.grant, cause)
    await tx.subscriptions.save(subscription, events, command.origin)
    return subscription
