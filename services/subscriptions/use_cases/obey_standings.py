"""Hear billing's word on many subscriptions at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.subscriptions.domain.ending import cancel_before_activation
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.owing import obey
from services.subscriptions.domain.standing import Standing
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Changed, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ObeyStanding:
    """`hopeless` is set where the checkout's payment is proven to be none: why it can never be."""

    partner_id: PartnerId
    subscription_id: SubscriptionId
    standing: Standing
    reason: str
    hopeless: str | None
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def obey_standings(
    commands: Sequence[ObeyStanding],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """One read, one write, however many; several words on one subscription are all heard."""
    subscriptions = await tx.subscriptions.get_many({each.key for each in commands})
    changed: list[Changed] = []
    for each in commands:
        subscription = subscriptions[each.key]
        cause = Cause(each.reason, each.origin.actor, now_by_partner[each.partner_id])
        events = obey(subscription, each.standing, cause)
        if each.hopeless:
            events += cancel_before_activation(subscription, replace(cause, reason=each.hopeless))
        changed.append(Changed(subscription, events, each.origin))
    await tx.subscriptions.save_many(changed)
