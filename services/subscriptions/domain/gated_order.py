"""An order that waits at its gate: nothing changes before billing has answered it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.item import Item
from services.subscriptions.domain.order import OrderId, OrderKind, OrderStatus, Refusal
from services.subscriptions.domain.renewal import OpenedPeriod
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from shared.errors import Conflict, NotFound
from shared.ids import PartnerId


class Gate(StrEnum):
    """What has to happen first: the payment of the total, or nothing but billing's word."""

    PAYMENT = "payment"
    NONE = "none"


class OrderNotFound(NotFound):
    code = "order_not_found"


class OrderWaiting(Conflict):
    code = "order_waiting"


@dataclass(slots=True, kw_only=True)
class GatedOrder:
    """`items` are the subscription's once it is applied; it follows `subscription_version`.

    Billing answers with two words whose topics have no order among each other: `cleared` notes the
    one, `period` keeps the other. Until both are heard nothing has happened here.
    """

    id: OrderId
    partner_id: PartnerId
    subscription_id: SubscriptionId
    kind: OrderKind
    gate: Gate
    items: tuple[Item, ...]
    currency: str
    total_minor: int
    subscription_version: int
    placed_at: datetime
    expires_at: datetime
    version: int = 0
    status: OrderStatus = OrderStatus.PLACED
    refusal: Refusal | None = None
    cleared: bool = False
    period: OpenedPeriod | None = None

    @property
    def key(self) -> SubscriptionKey:
        """Of the subscription that it is about."""
        return SubscriptionKey(self.partner_id, self.subscription_id)

    @property
    def checkout_id(self) -> None:
        """No checkout asked for it."""
        return

    @property
    def is_waiting(self) -> bool:
        return self.status is OrderStatus.PLACED

    @property
    def is_answered(self) -> bool:
        """In part at least: the rest is on its way."""
        return self.cleared or self.period is not None

    def next_version(self, status: OrderStatus) -> "GatedOrder":
        """A copy for the event that makes this step."""
        self.version, self.status = self.version + 1, status
        return replace(self)


@dataclass(frozen=True, slots=True)
class GatedOrderEvent:
    """Never said itself; `order` is a copy, as of its version."""

    order: GatedOrder
    cause: Cause


@dataclass(frozen=True, slots=True)
class OrderPlaced(GatedOrderEvent):
    """Billing is asked."""


@dataclass(frozen=True, slots=True)
class OrderApplied(GatedOrderEvent):
    """It is done."""


@dataclass(frozen=True, slots=True)
class OrderDeclined(GatedOrderEvent):
    """Billing said no, so it is refused; nothing has changed."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class OrderCanceled(GatedOrderEvent):
    """It gave way; whatever billing still says of it has no effect, and money goes back."""


def place(order: GatedOrder, cause: Cause) -> list[GatedOrderEvent]:
    return [OrderPlaced(order.next_version(OrderStatus.PLACED), cause)]


def apply(order: GatedOrder, cause: Cause) -> list[GatedOrderEvent]:
    return [OrderApplied(order.next_version(OrderStatus.APPLIED), cause)]


def refuse(order: GatedOrder, refusal: Refusal, cause: Cause) -> list[GatedOrderEvent]:
    if not order.is_waiting:
        return []
    order.refusal = refusal
    return [OrderDeclined(order.next_version(OrderStatus.REFUSED), cause, refusal)]


def cancel_order(order: GatedOrder, cause: Cause) -> list[GatedOrderEvent]:
    if not order.is_waiting:
        return []
    return [OrderCanceled(order.next_version(OrderStatus.CANCELED), cause)]


def expire(order: GatedOrder, cause: Cause) -> list[GatedOrderEvent]:
    """What is answered in part does not expire any more."""
    if order.is_answered or cause.at < order.expires_at:
        return []
    return cancel_order(order, cause)


def require_none_waiting(waiting: GatedOrder | None) -> None:
    """
    Raises:
        OrderWaiting: another order has to be answered first.
    """
    if waiting is not None:
        raise OrderWaiting(
            f"order {waiting.id} waits for billing until {waiting.expires_at.isoformat()}",
            way_out=f"Wait for the answer to {waiting.id}; a cancellation drops it.",
        )
