"""Take the ordered end of a subscription back."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.ending import uncancel
from services.subscriptions.domain.gated_order import require_none_waiting
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import (
    CustomerId,
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class UncancelSubscription:
    """`asked_by` is the customer, where it is one who asks; others act for the partner."""

    partner_id: PartnerId
    subscription_id: SubscriptionId
    asked_by: CustomerId | None
    origin: Origin


async def uncancel_subscription(
    command: UncancelSubscription, tx: Transaction, now: datetime
) -> Subscription:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    subscription.require_visible_to(command.asked_by)
    require_none_waiting(await tx.gated_orders.waiting_on(key))
    events = uncancel(subscription, Cause("taken_back", command.origin.actor, now))
    await tx.subscriptions.save(subscription, events, command.origin)
    return subscription
