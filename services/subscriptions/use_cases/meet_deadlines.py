"""Do what falls due by itself; a deadline whose subscription has moved on does nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.activation import expire_activation
from services.subscriptions.domain.deadline import DeadlineKind
from services.subscriptions.domain.ending import end_term, terminate_retained
from services.subscriptions.domain.events import SubscriptionEvent
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.domain.suspension import expire_holds
from services.subscriptions.use_cases.ports import Changed, Transaction
from shared.ids import PartnerId
from shared.origin import Origin

Consequence = Callable[[Subscription, Cause], list[SubscriptionEvent]]
CONSEQUENCES: dict[DeadlineKind, tuple[Consequence, str]] = {
    DeadlineKind.ACTIVATION_EXPIRES: (expire_activation, "payment_not_received"),
    DeadlineKind.TERM_ENDS: (end_term, "term_ended"),
    DeadlineKind.RETENTION_ENDS: (terminate_retained, "retention_ended"),
    DeadlineKind.HOLD_EXPIRES: (expire_holds, "hold_expired"),
}


@dataclass(frozen=True, slots=True)
class MeetDeadline:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    kind: DeadlineKind
    origin: Origin

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def meet_deadlines(
    commands: Sequence[MeetDeadline],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    subscriptions = await tx.subscriptions.get_many({each.key for each in commands})
    changed: list[Changed] = []
    for each in commands:
        follow, reason = CONSEQUENCES[each.kind]
        cause = Cause(reason, each.origin.actor, now_by_partner[each.partner_id])
        events = follow(subscriptions[each.key], cause)
        changed.append(Changed(subscriptions[each.key], events, each.origin))
    await tx.subscriptions.save_many(changed)
