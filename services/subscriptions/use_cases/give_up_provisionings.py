"""End orders whose panel has not answered in time; their money goes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.activation import give_up_provisioning
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import Changed, Transaction
from shared.ids import PartnerId
from shared.origin import Origin

SILENCE = "the panel gave no answer"


@dataclass(frozen=True, slots=True)
class GiveUpProvisioning:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def give_up_provisionings(
    commands: Sequence[GiveUpProvisioning],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    keys = {each.key for each in commands}
    subscriptions = await tx.subscriptions.get_many(keys)
    answers = await tx.accounts.last_answers(keys)
    changed: list[Changed] = []
    for each in commands:
        cause = Cause("provisioning_failed", each.origin.actor, now_by_partner[each.partner_id])
        answer = answers.get(each.key, SILENCE)
        events = give_up_provisioning(subscriptions[each.key], answer, cause)
        changed.append(Changed(subscriptions[each.key], events, each.origin))
    await tx.subscriptions.save_many(changed)
