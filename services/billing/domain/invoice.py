"""A numbered claim for one period; after issue nothing but its settlement changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from services.billing.domain.charge_identity import base_charge
from services.billing.domain.contract import Contract, CustomerId, SubscriptionId
from services.billing.domain.numbering import DocumentKind, Numbered
from services.billing.domain.schedule import Period
from shared.errors import Conflict, NotFound
from shared.ids import PartnerId, new_id

InvoiceId = NewType("InvoiceId", str)
SettledBy = Literal["gateway", "manual"]


class InvoiceStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class InvoiceUnknown(NotFound):
    code = "invoice_not_found"


class InvoiceNotOpen(Conflict):
    code = "invoice_not_open"


@dataclass(frozen=True, slots=True)
class Line:
    """One charge of an invoice; `identity` is charged once, unless it was taken back."""

    identity: str
    item_id: str
    product: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    period: Period


@dataclass(slots=True, kw_only=True)
class Invoice:
    """`attempts` counts the attempts at payment; `reference` is the gateway's name of the money
    that settled it. A credit note lowers what was invoiced and leaves the status as it is.
    `order_id` is that of the order that waits for its payment.
    """

    id: InvoiceId
    partner_id: PartnerId
    subscription_id: SubscriptionId
    bill_to: CustomerId
    currency: str
    period: Period
    due_at: datetime
    lines: tuple[Line, ...]
    document: Numbered
    order_id: str | None = None
    status: InvoiceStatus = InvoiceStatus.OPEN
    paid_minor: int = 0
    credited_minor: int = 0
    attempts: int = 0
    settled_by: SettledBy | None = None
    gateway: str | None = None
    reference: str | None = None

    @property
    def total_minor(self) -> int:
        return sum([line.amount_minor for line in self.lines])

    @property
    def is_open(self) -> bool:
        return self.status is InvoiceStatus.OPEN

    @property
    def identities(self) -> Sequence[str]:
        return [line.identity for line in self.lines]

    def settle(
        self, by: SettledBy, gateway: str | None = None, reference: str | None = None
    ) -> None:
        self.status = InvoiceStatus.PAID
        self.paid_minor = self.total_minor
        self.settled_by, self.gateway, self.reference = by, gateway, reference


def draft(
    contract: Contract,
    period: Period,
    due_at: datetime,
    at: datetime,
    order_id: str | None = None,
) -> Invoice:
    """Every item of the contract for the period; it becomes an invoice when it is stored."""
    terms = contract.terms
    return Invoice(
        id=InvoiceId(new_id("inv")),
        partner_id=contract.partner_id,
        subscription_id=contract.subscription_id,
        bill_to=terms.bill_to,
        currency=terms.currency,
        period=period,
        due_at=due_at,
        lines=tuple(
            Line(
                base_charge(contract.subscription_id, item.id, period.no),
                item.id,
                item.product,
                item.quantity,
                item.unit_price_minor,
                item.amount_minor,
                period,
            )
            for item in terms.items
        ),
        document=Numbered(DocumentKind.INVOICE, at),
        order_id=order_id,
    )
