"""Hear of orders that must be paid first, and of those that have been canceled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.contract import SubscriptionKey
from services.billing.domain.order import Order
from services.billing.domain.ordering import drop, take_up
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import Transaction, Wanted
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    order: Order
    origin: Origin


@dataclass(frozen=True, slots=True)
class CanceledOrder:
    key: SubscriptionKey
    order_id: str
    origin: Origin


async def take_up_orders(
    placed: Sequence[PlacedOrder], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """One whose subscription is not known that far waits until it is (`follow_subscriptions`)."""
    await tx.orders.keep([each.order for each in placed])
    books = await tx.books.get_many(
        {each.order.of for each in placed}, Wanted(orders=[each.order.id for each in placed])
    )
    acts = Acts()
    for each in placed:
        if (found := books.get(each.order.of)) is not None:
            take_up(found, each.order.id, now[each.order.partner_id])
            acts.note(found, each.origin)
    await acts.save(tx.books, now)


async def drop_orders(
    canceled: Sequence[CanceledOrder], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """The word may come before that of the order itself, which is then never taken up."""
    await tx.orders.keep_canceled({(each.key, each.order_id) for each in canceled})
    books = await tx.books.get_many(
        {each.key for each in canceled}, Wanted(orders=[each.order_id for each in canceled])
    )
    acts = Acts()
    for each in canceled:
        if (found := books.get(each.key)) is not None:
            drop(found, each.order_id, now[each.key.partner_id])
            acts.note(found, each.origin)
    await acts.save(tx.books, now)
