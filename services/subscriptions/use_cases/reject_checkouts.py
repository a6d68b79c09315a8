"""End what was made of a checkout that has been rejected meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.ending import cancel_before_activation
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.order import subscription_of
from services.subscriptions.domain.subscription import SubscriptionKey
from services.subscriptions.use_cases.ports import Changed, CheckoutKey, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class RejectCheckout:
    """`reason` is the code of the rejection."""

    partner_id: PartnerId
    checkout_id: str
    reason: str
    origin: Origin

    @property
    def checkout_key(self) -> CheckoutKey:
        return CheckoutKey(self.partner_id, self.checkout_id)

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, subscription_of(self.partner_id, self.checkout_id))


async def reject_checkouts(
    commands: Sequence[RejectCheckout],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """Most often it is our own refusal or cancellation that comes back, and nothing is left to do.

    The checkout is remembered, since it may have been accepted in a message still on its way.
    """
    await tx.rejected_checkouts.remember({each.checkout_key for each in commands})
    subscriptions = await tx.subscriptions.find_many({each.key for each in commands})
    changed: list[Changed] = []
    for each in commands:
        if (subscription := subscriptions.get(each.key)) is not None:
            cause = Cause(each.reason, each.origin.actor, now_by_partner[each.partner_id])
            events = cancel_before_activation(subscription, cause)
            changed.append(Changed(subscription, events, each.origin))
    await tx.subscriptions.save_many(changed)
