"""Make subscriptions of accepted checkouts; one that cannot be is refused and told so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.checkout import Checkout
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.offer import Offer, OfferKey
from services.subscriptions.domain.order import (
    Order,
    OrderId,
    OrderRefused,
    Refusal,
    order_of,
)
from services.subscriptions.domain.placement import CheckoutRejected, FindMisfit, place_order
from services.subscriptions.use_cases.ports import Changed, CheckoutKey, Placed, Transaction
from shared.errors import Invalid
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    checkout: Checkout
    origin: Origin

    @property
    def order_id(self) -> OrderId:
        return order_of(self.checkout.partner_id, self.checkout.id)

    @property
    def offer_key(self) -> OfferKey:
        return OfferKey(self.checkout.partner_id, self.checkout.offer)

    @property
    def checkout_key(self) -> CheckoutKey:
        return CheckoutKey(self.checkout.partner_id, self.checkout.id)


async def place_orders(
    commands: Sequence[PlaceOrder],
    tx: Transaction,
    find_misfit: FindMisfit,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """Each checkout is answered once, with a subscription or with the reason why there is none."""
    by_order = {each.order_id: each for each in reversed(commands)}
    known = await tx.orders.known(by_order)
    new = [each for order_id, each in sorted(by_order.items()) if order_id not in known]
    offers = await tx.offers.find_many({each.offer_key for each in new})
    rejected = await tx.rejected_checkouts.among({each.checkout_key for each in new})
    placed: list[Placed] = []
    created: list[Changed] = []
    for each in new:
        cause = Cause("checkout", each.origin.actor, now_by_partner[each.checkout.partner_id])
        try:
            if each.checkout_key in rejected:
                raise _rejected(each)
            creation = _place(each, offers.get(each.offer_key), find_misfit, cause)
        except Invalid as fault:
            placed.append(_refused(each, Refusal.of(fault), cause))
        else:
            created.append(creation)
            placed.append(_applied(each, creation, cause))
    await tx.orders.add_many(placed)
    await tx.subscriptions.add_many(created)


def _place(
    command: PlaceOrder, offer: Offer | None, find_misfit: FindMisfit, cause: Cause
) -> Changed:
    subscription, events = place_order(command.checkout, offer, find_misfit, cause)
    return Changed(subscription, events, command.origin)


def _rejected(command: PlaceOrder) -> CheckoutRejected:
    return CheckoutRejected(
        f"checkout {command.checkout.reference} was rejected before it became a subscription",
        way_out="Check out again.",
    )


def _applied(command: PlaceOrder, creation: Changed, cause: Cause) -> Placed:
    order = Order(
        command.order_id,
        command.checkout.partner_id,
        command.checkout.id,
        creation.subscription.id,
        None,
        cause.at,
        version=0,
    )
    return Placed(order, [], command.origin)


def _refused(command: PlaceOrder, refusal: Refusal, cause: Cause) -> Placed:
    order = Order(
        command.order_id,
        command.checkout.partner_id,
        command.checkout.id,
        None,
        refusal,
        cause.at,
        version=1,
    )
    return Placed(order, [OrderRefused(order, refusal, cause)], command.origin)
