"""What was asked, by a checkout or of a subscription, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.subscription import SubscriptionId
from shared.errors import Invalid, Stale
from shared.ids import PartnerId, derived_id

OrderId = NewType("OrderId", str)


class OrderStale(Stale):
    code = "order_stale"


class OrderKind(StrEnum):
    NEW = "new"
    RESUME = "resume"


class OrderStatus(StrEnum):
    PLACED = "placed"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order changed nothing: the field at fault and the way out."""

    code: str
    field: str | None
    message: str
    way_out: str

    @classmethod
    def of(cls, fault: Invalid) -> "Refusal":
        way_out = fault.way_out or "Correct it and check out again."
        return cls(fault.code, fault.field, str(fault), way_out)


@dataclass(frozen=True, slots=True)
class Order:
    """One for each checkout, for ever, so that a checkout that comes again makes nothing new.

    `version` counts its events: an applied one says nothing beside `subscription.created`.
    """

    id: OrderId
    partner_id: PartnerId
    checkout_id: str
    subscription_id: SubscriptionId | None
    refusal: Refusal | None
    placed_at: datetime
    version: int

    @property
    def kind(self) -> OrderKind:
        return OrderKind.NEW

    @property
    def status(self) -> OrderStatus:
        return OrderStatus.REFUSED if self.refusal else OrderStatus.APPLIED


@dataclass(frozen=True, slots=True)
class OrderRefused:
    order: Order
    refusal: Refusal
    cause: Cause


def order_of(partner_id: PartnerId, checkout_id: str) -> OrderId:
    return OrderId(derived_id("ord", partner_id, checkout_id))


def subscription_of(partner_id: PartnerId, checkout_id: str) -> SubscriptionId:
    """Known before it exists, so what is said of its checkout finds it."""
    return SubscriptionId(derived_id("sub", partner_id, checkout_id))
