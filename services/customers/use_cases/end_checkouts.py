"""Hear how accepted checkouts ended: their subscription runs, or nothing came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.checkout import Checkout, CheckoutEvent, CheckoutId, CheckoutKey
from services.customers.domain.rejection import Rejection
from services.customers.use_cases.ports import ChangedCheckout, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class EndCheckout:
    """Without a rejection it is fulfilled."""

    partner_id: PartnerId
    checkout_id: CheckoutId
    subscription_id: str | None
    rejection: Rejection | None
    origin: Origin

    @property
    def key(self) -> CheckoutKey:
        return CheckoutKey(self.partner_id, self.checkout_id)


async def end_checkouts(
    commands: Sequence[EndCheckout],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """The first word on a checkout holds; whatever comes later finds it ended.

    Raises:
        CheckoutNotFound: the others speak of a checkout only after we have published it.
    """
    checkouts = await tx.checkouts.get_many({each.key for each in commands})
    ended: list[ChangedCheckout] = []
    for each in commands:
        checkout = checkouts[each.key]
        if not checkout.has_ended:
            events = _end(checkout, each, now_by_partner[each.partner_id])
            ended.append((checkout, events, each.origin))
    await tx.checkouts.save_many(ended)


def _end(checkout: Checkout, command: EndCheckout, now: datetime) -> list[CheckoutEvent]:
    if command.rejection is not None:
        return checkout.reject(command.rejection, now, command.subscription_id)
    checkout.fulfil(command.subscription_id or "", now)
    return []
