"""A checkout ended without a subscription: charge nothing for it, and give back what was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.contract import CheckoutId
from services.billing.domain.following import reject
from services.billing.domain.refund import Refund, refund_of_capture
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import CheckoutKey, Reference, Transaction, Wanted
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class RejectedCheckout:
    """`gateway` and `reference` name the money that the checkout says it has captured."""

    partner_id: PartnerId
    checkout_id: CheckoutId
    gateway: str
    reference: str | None
    reason: str
    origin: Origin

    @property
    def key(self) -> CheckoutKey:
        return self.partner_id, self.checkout_id


async def reject_checkouts(
    rejected: Sequence[RejectedCheckout], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """Remembered for ever, since the subscription may be heard of later than its end."""
    keys = {each.key for each in rejected}
    await tx.checkouts.lock(keys)
    await tx.checkouts.reject(keys, now)
    await _end_subscriptions(rejected, tx, now)
    wanted: dict[Reference, CheckoutKey] = {}
    for each in rejected:
        if each.reference is not None:
            wanted.setdefault((each.gateway, each.reference), each.key)
    owners = await tx.checkouts.claim(wanted)
    refunds = [
        (_refund(each, each.reference), each.origin)
        for each in rejected
        if each.reference is not None and owners.get((each.gateway, each.reference)) == each.key
    ]
    await tx.refunds.order(refunds, now)


async def _end_subscriptions(
    rejected: Sequence[RejectedCheckout], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    made = await tx.books.of_checkouts({each.key for each in rejected})
    if not made:
        return
    since = min(now[key.partner_id] for key in made.values())
    books = await tx.books.get_many(set(made.values()), Wanted(since=since))
    acts = Acts()
    for each in rejected:
        if each.key in made:
            of_subscription = books[made[each.key]]
            reject(of_subscription, now[each.partner_id])
            acts.note(of_subscription, each.origin)
    await acts.save(tx.books, now)


def _refund(each: RejectedCheckout, reference: str) -> Refund:
    return refund_of_capture(
        each.partner_id, each.checkout_id, each.gateway, reference, each.reason
    )
