"""Let subscriptions run on through the periods that billing has opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.renewal import OpenedPeriod, open_period
from services.subscriptions.domain.standing import Standing
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Changed, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    period: OpenedPeriod
    standing: Standing
    reason: str
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def open_periods(
    commands: Sequence[OpenPeriod],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    subscriptions = await tx.subscriptions.get_many({each.key for each in commands})
    changed: list[Changed] = []
    for each in commands:
        cause = Cause(each.reason, each.origin.actor, now_by_partner[each.partner_id])
        events = open_period(subscriptions[each.key], each.period, each.standing, cause)
        changed.append(Changed(subscriptions[each.key], events, each.origin))
    await tx.subscriptions.save_many(changed)
