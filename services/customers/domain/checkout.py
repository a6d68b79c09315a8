"""A checkout: it is accepted or rejected once, and an accepted one ends once, either way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType, TypeAlias

from services.customers.domain.customer import CustomerId
from services.customers.domain.order_form import OrderedItem, OrderForm, Payment
from services.customers.domain.rejection import Rejection
from shared.errors import NotFound, Stale
from shared.ids import PartnerId

CheckoutId = NewType("CheckoutId", str)


class CheckoutKey(NamedTuple):
    partner_id: PartnerId
    id: CheckoutId


class CheckoutStatus(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"


class CheckoutNotFound(NotFound):
    code = "checkout_not_found"


class CheckoutStale(Stale):
    code = "checkout_stale"


@dataclass(frozen=True, slots=True)
class CheckoutAccepted:
    checkout: "Checkout"
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutRejected:
    checkout: "Checkout"
    rejection: Rejection
    at: datetime


CheckoutEvent: TypeAlias = CheckoutAccepted | CheckoutRejected


@dataclass(slots=True, kw_only=True)
class Checkout:
    """It holds no personal data: the person is the customer's affair, the money billing's.

    `digest` tells a repeat of the same content from another one under the same reference.
    """

    id: CheckoutId
    partner_id: PartnerId
    reference: str
    source: str
    digest: bytes
    status: CheckoutStatus
    version: int
    customer_id: CustomerId | None
    offer: str
    currency: str
    items: Sequence[OrderedItem]
    timezone: str
    price_trusted: bool
    payment: Payment
    received_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    subscription_id: str | None = None
    rejection: Rejection | None = None
    ended_at: datetime | None = None

    @classmethod
    def received(
        cls,
        key: CheckoutKey,
        form: OrderForm,
        *,
        source: str,
        price_trusted: bool,
        digest: bytes,
        customer_id: CustomerId | None,
        timezone: str,
        gateway: str,
        at: datetime,
    ) -> "Checkout":
        """Nothing is decided yet; `gateway` is the one that is meant where none is named."""
        return cls(
            id=key.id,
            partner_id=key.partner_id,
            reference=form.reference,
            source=source,
            digest=digest,
            status=CheckoutStatus.RECEIVED,
            version=0,
            customer_id=customer_id,
            offer=form.offer,
            currency=form.currency,
            items=tuple(form.items),
            timezone=timezone,
            price_trusted=price_trusted,
            payment=_spelled_out(form, gateway),
            received_at=at,
            metadata=form.metadata,
        )

    @property
    def key(self) -> CheckoutKey:
        return CheckoutKey(self.partner_id, self.id)

    @property
    def has_ended(self) -> bool:
        return self.status in {CheckoutStatus.FULFILLED, CheckoutStatus.REJECTED}

    def accept(self, at: datetime) -> list[CheckoutEvent]:
        self.status = CheckoutStatus.ACCEPTED
        self.version += 1
        return [CheckoutAccepted(replace(self), at)]

    def reject(
        self, rejection: Rejection, at: datetime, subscription_id: str | None = None
    ) -> list[CheckoutEvent]:
        """It came to nothing, and billing gives back what was captured; an ended one stays."""
        if self.has_ended:
            return []
        self.status = CheckoutStatus.REJECTED
        self.rejection = rejection
        self.subscription_id = subscription_id
        self.ended_at = at
        self.version += 1
        return [CheckoutRejected(replace(self), rejection, at)]

    def fulfil(self, subscription_id: str, at: datetime) -> bool:
        """Its subscription runs; True where this is news.

        Nothing is published: the subscription's own activation has said it.
        """
        if self.has_ended:
            return False
        self.status = CheckoutStatus.FULFILLED
        self.subscription_id = subscription_id
        self.ended_at = at
        return True


def _spelled_out(form: OrderForm, gateway: str) -> Payment:
    """An amount without a currency is in the order's. A payment is named the same each time, so
    that billing sees when two checkouts claim one.
    """
    payment = form.payment
    if payment.status == "none":
        return payment
    currency = form.currency if payment.amount_minor is not None else payment.currency
    return replace(payment, gateway=payment.gateway or gateway, currency=currency)
