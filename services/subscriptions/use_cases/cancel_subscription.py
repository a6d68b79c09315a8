"""Order the end of a subscription, now or when what is paid has run; what waits there is dropped."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.ending import When, cancel
from services.subscriptions.domain.gated_order import cancel_order
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import (
    CustomerId,
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.use_cases.ports import Moved, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class CancelSubscription:
    """`asked_by` is the customer, where it is one who asks; others act for the partner, and may
    release the customer from his minimum term.
    """

    partner_id: PartnerId
    subscription_id: SubscriptionId
    asked_by: CustomerId | None
    when: When
    reason: str
    released: bool
    origin: Origin


async def cancel_subscription(
    command: CancelSubscription, tx: Transaction, now: datetime
) -> Subscription:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    subscription.require_visible_to(command.asked_by)
    cause = Cause(command.reason, command.origin.actor, now)
    events = cancel(subscription, command.when, cause, released=command.released)
    await tx.subscriptions.save(subscription, events, command.origin)
    if waiting := await tx.gated_orders.waiting_on(key):
        await tx.gated_orders.save_many(
            [Moved(waiting, cancel_order(waiting, cause), command.origin)]
        )
    return subscription
