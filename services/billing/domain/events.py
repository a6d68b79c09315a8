"""What billing says of one subscription; each event is one version step of its standing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.billing.domain.contract import Contract, Method
from services.billing.domain.credit_note import CreditNote
from services.billing.domain.invoice import Invoice, InvoiceId, SettledBy
from services.billing.domain.order import Refusal
from services.billing.domain.payment_attempt import PaymentAttempt
from services.billing.domain.schedule import Period
from services.billing.domain.standing import Standing

OpenedBy = Literal["payment", "free", "trial", "manual", "grant"]


@dataclass(frozen=True, slots=True)
class Said:
    """Whose standing, as of its version, since when, and why."""

    contract: Contract
    standing: Standing
    at: datetime
    kind: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodOpened:
    """`anchor_on` where the payment moved the billing day; `order_id` of the order it answers."""

    said: Said
    period: Period
    by: OpenedBy
    invoice_id: InvoiceId | None = None
    anchor_on: date | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderCleared:
    """The order may be applied; what it waits for is paid, or need not be."""

    said: Said
    order_id: str
    invoice_id: str | None


@dataclass(frozen=True, slots=True)
class OrderDeclined:
    """The order may not be applied; nothing is owed for it."""

    said: Said
    order_id: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class InvoiceUpcoming:
    said: Said
    period_no: int
    due_at: datetime
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class InvoiceIssued:
    said: Said
    invoice: Invoice


@dataclass(frozen=True, slots=True)
class InvoicePaid:
    said: Said
    invoice: Invoice
    settled_by: SettledBy


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    """Taken back, or given up (`uncollectible`): nothing is owed on it any more."""

    said: Said
    invoice: Invoice


@dataclass(frozen=True, slots=True)
class CreditNoteIssued:
    said: Said
    note: CreditNote


@dataclass(frozen=True, slots=True)
class PaymentSucceeded:
    said: Said
    payment: PaymentAttempt


@dataclass(frozen=True, slots=True)
class Payless:
    """A charge that could not even be tried: there is no method, or the capture is not to be had."""

    id: str
    invoice_id: InvoiceId | None
    amount_minor: int
    currency: str
    gateway: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """`final`: no further attempt is scheduled. `order_id`: it was the one attempt of that order."""

    said: Said
    payment: PaymentAttempt | Payless
    code: str
    hard: bool
    final: bool
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class DunningExhausted:
    said: Said
    invoice_id: InvoiceId


@dataclass(frozen=True, slots=True)
class PaymentMethodChanged:
    said: Said
    method: Method


Event: TypeAlias = (
    PeriodOpened
    | OrderCleared
    | OrderDeclined
    | InvoiceUpcoming
    | InvoiceIssued
    | InvoicePaid
    | InvoiceVoided
    | CreditNoteIssued
    | PaymentSucceeded
    | PaymentFailed
    | DunningExhausted
    | PaymentMethodChanged
)
