"""What the subscriptions service publishes of orders that wait for billing's answer."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.event import Currency
from shared.contracts.subscriptions import Item, OrderEvent


class OrderPlaced(OrderEvent):
    """Billing answers it once, with `order.cleared` or `order.declined`, unless it is canceled.

    `items` are the subscription's once the order is applied, `total_minor` is what has to be paid
    for it now; gate `none` lets it pass unpaid. The answer is awaited until `expires_at`.
    `subscription_version`: the order follows that version, so whoever answers must know it.
    """

    type = "order.placed"
    gate: Literal["payment", "none"]
    items: list[Item]
    currency: Currency
    total_minor: Annotated[int, Field(ge=0)]
    preview_token: str | None = None
    subscription_version: Annotated[int, Field(ge=1)]
    expires_at: AwareDatetime


class OrderApplied(OrderEvent):
    """It is done: the subscription's own events, said with this one, show what it is now."""

    type = "order.applied"


class OrderCanceled(OrderEvent):
    """It gave way or expired and changed nothing; money that comes for it is given back."""

    type = "order.canceled"
