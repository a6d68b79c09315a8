"""An accepted checkout, as the order that it is to this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.ids import PartnerId


class PaymentStatus(StrEnum):
    CAPTURED = "captured"
    METHOD = "method"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CheckoutPayment:
    """How the checkout was paid. Billing proves it; here it must only fit the order."""

    status: PaymentStatus
    gateway: str | None = None
    reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    method_ref: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutItem:
    """`unit_price_minor` only where the checkout named one."""

    product: str
    quantity: int
    unit_price_minor: int | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkout:
    """Without items each product of the offer is taken once.

    `price_trusted`: the partner lets this source name prices of its own.
    """

    partner_id: PartnerId
    id: str
    reference: str
    customer_id: str | None
    offer: str
    currency: str
    timezone: str
    items: tuple[CheckoutItem, ...]
    price_trusted: bool
    payment: CheckoutPayment
