"""Start what has been provisioned: the panel has opened the accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.activation import activate
from services.subscriptions.domain.events import SealedCredentials
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Changed, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ActivateSubscription:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    credentials: SealedCredentials
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def activate_subscriptions(
    commands: Sequence[ActivateSubscription],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    subscriptions = await tx.subscriptions.get_many({each.key for each in commands})
    changed: list[Changed] = []
    for each in commands:
        cause = Cause("provisioned", each.origin.actor, now_by_partner[each.partner_id])
        events = activate(subscriptions[each.key], each.credentials, cause)
        changed.append(Changed(subscriptions[each.key], events, each.origin))
    await tx.subscriptions.save_many(changed)
