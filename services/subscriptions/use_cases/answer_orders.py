"""Hear what billing answered to orders: cleared, declined, or the period that it opened for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.gated_order import GatedOrder, OrderNotFound, refuse
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.order import OrderId, Refusal
from services.subscriptions.domain.reactivation import Outcome, note_cleared, note_opened
from services.subscriptions.domain.renewal import OpenedPeriod
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.use_cases.ports import Changed, Moved, Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOrder:
    """With a `refusal` it is declined, with a `period` that one runs, with neither it is cleared."""

    partner_id: PartnerId
    subscription_id: SubscriptionId
    order_id: OrderId
    origin: Origin
    refusal: Refusal | None = None
    period: OpenedPeriod | None = None

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


async def answer_orders(
    commands: Sequence[AnswerOrder],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """What comes for an order that has ended changes nothing.

    Raises:
        OrderNotFound: nobody has placed it here.
    """
    subscriptions = await tx.subscriptions.get_many({each.key for each in commands})
    orders = await tx.gated_orders.find_many({each.order_id for each in commands})
    changed: list[Changed] = []
    moved: list[Moved] = []
    for each in commands:
        order, subscription = orders.get(each.order_id), subscriptions[each.key]
        if order is None or order.key != each.key:
            raise OrderNotFound(f"no order {each.order_id} of {each.subscription_id}")
        cause = Cause("reactivated", each.origin.actor, now_by_partner[each.partner_id])
        outcome = _answer(each, order, subscription, cause)
        changed.append(Changed(subscription, outcome.of_subscription, each.origin))
        moved.append(Moved(order, outcome.of_order, each.origin))
    await tx.subscriptions.save_many(changed)
    await tx.gated_orders.save_many(moved)


def _answer(
    each: AnswerOrder, order: GatedOrder, subscription: Subscription, cause: Cause
) -> Outcome:
    if each.refusal is not None:
        return Outcome(refuse(order, each.refusal, cause), [])
    if each.period is not None:
        return note_opened(order, subscription, each.period, cause)
    return note_cleared(order, subscription, cause)
