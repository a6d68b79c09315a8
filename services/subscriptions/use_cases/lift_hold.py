"""Take one reason for a suspension away; with the last, access is back."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.hold import Cause, HoldKind
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.domain.suspension import lift_hold as lift
from services.subscriptions.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class LiftHold:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    kind: HoldKind
    origin: Origin


async def lift_hold(command: LiftHold, tx: Transaction, now: datetime) -> Subscription:
    key = SubscriptionKey(command.partner_id, command.subscription_id)
    subscription = await tx.subscriptions.get(key)
    events = lift(subscription, command.kind, Cause("lifted", command.origin.actor, now))
    await tx.subscriptions.save(subscription, events, command.origin)
    return subscription
