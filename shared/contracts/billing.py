"""What billing publishes: what is owed, what was paid, and which periods may run."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field
from typing_extensions import override

from shared.contracts.event import Change, Currency, EventContract, Minor, Part, State
from shared.contracts.subscriptions import Period

StandingStatus = Literal["current", "retrying", "grace", "exhausted"]


class Standing(State):
    """Billing's word on one subscription; of two, the one with the higher version holds."""

    subscription_id: str
    status: StandingStatus
    paid_through: AwareDatetime | None = None
    open_invoice_id: str | None = None
    next_attempt_at: AwareDatetime | None = None
    grace_until: AwareDatetime | None = None

    @property
    @override
    def key(self) -> str:
        return self.subscription_id


class StandingEvent(EventContract):
    """Every billing event about a subscription is one version step of its standing."""

    state = "standing"
    standing: Standing
    change: Change


class PeriodOpened(StandingEvent):
    """The one word that lets a period run; exactly one for each subscription and period number.

    `anchor_on` is set where the payment moved the billing day (a return from non-payment).
    `order_id` names the order that it answers; should that be canceled, the period does not run.
    """

    type = "period.opened"
    period: Period
    by: Literal["payment", "credit", "free", "trial", "account", "manual", "grant"]
    invoice_id: str | None = None
    anchor_on: date | None = None
    order_id: str | None = None


class OrderCleared(StandingEvent):
    """What had to be paid first is paid, or needs no payment; the period is opened beside it.

    `invoice_id` is what was paid, and none where the order passes unpaid.
    """

    type = "order.cleared"
    order_id: str
    invoice_id: str | None = None


class OrderDeclined(StandingEvent):
    """It was not paid: nothing is owed, nothing is tried again, nothing has changed."""

    type = "order.declined"
    order_id: str
    code: str
    message: str
    way_out: str


class UpcomingInvoice(Part):
    period_no: int
    due_at: AwareDatetime
    total_minor: Minor
    currency: Currency


class InvoiceUpcoming(StandingEvent):
    """In three days this will be charged."""

    type = "invoice.upcoming"
    upcoming: UpcomingInvoice


class InvoiceLine(Part):
    """One charge; `identity` is made of subscription, item and period and never repeats."""

    identity: str
    item_id: str
    product: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    period_start: AwareDatetime
    period_end: AwareDatetime


class Invoice(Part):
    """A numbered document; after issue nothing but its settlement changes."""

    id: str
    number: str
    status: Literal["open", "paid", "void", "uncollectible"]
    bill_to: str
    currency: Currency
    total_minor: Minor
    paid_minor: Minor
    issued_at: AwareDatetime
    due_at: AwareDatetime
    period_no: int
    lines: list[InvoiceLine]


class InvoiceIssued(StandingEvent):
    type = "invoice.issued"
    invoice: Invoice


class InvoicePaid(StandingEvent):
    """Settled; `settled_by` tells money at the gateway from money paid elsewhere."""

    type = "invoice.paid"
    invoice: Invoice
    settled_by: Literal["gateway", "manual", "credit", "zero"]


class InvoiceVoided(StandingEvent):
    type = "invoice.voided"
    invoice: Invoice


class Payment(Part):
    """One attempt to get an invoice paid; `key` is what the gateway knows it by."""

    id: str
    key: str
    invoice_id: str | None = None
    amount_minor: Minor
    currency: Currency
    gateway: str
    reference: str | None = None
    attempt: Annotated[int, Field(ge=0)]
    manual: bool = False


class PaymentSucceeded(StandingEvent):
    type = "payment.succeeded"
    payment: Payment


class PaymentFailed(StandingEvent):
    """The attempt failed for good; what comes next is said here, and in the standing.

    `final` is true when no further attempt is scheduled. `order_id` names the order whose one
    attempt it was.
    """

    type = "payment.failed"
    payment: Payment
    code: str
    hard: bool
    next_attempt_at: AwareDatetime | None = None
    grace_until: AwareDatetime | None = None
    final: bool
    order_id: str | None = None


class DunningExhausted(StandingEvent):
    """Retries and grace are over: access may be cut."""

    type = "dunning.exhausted"
    invoice_id: str


class PaymentMethodChanged(StandingEvent):
    """The method that will be charged from now on."""

    type = "payment_method.changed"
    gateway: str
    method_ref: str


class RefundState(State):
    """Money on its way back to where it came from; pending until the gateway has settled it."""

    id: str
    checkout_id: str | None = None
    subscription_id: str | None = None
    gateway: str
    reference: str
    amount_minor: Minor
    currency: Currency
    status: Literal["pending", "succeeded", "failed"]
    reason: str

    @property
    @override
    def key(self) -> str:
        return self.subscription_id or self.checkout_id or self.id

    @property
    @override
    def subject(self) -> str:
        return self.id


class PaymentRefunded(EventContract):
    """The gateway has taken the order to give money back, or has settled it (`refund.status`)."""

    type = "payment.refunded"
    state = "refund"
    refund: RefundState
    standing: Standing | None = None
    change: Change


class CreditNote(Part):
    """Lowers what was invoiced; numbered in a series of its own."""

    id: str
    number: str
    invoice_id: str
    currency: Currency
    total_minor: Minor
    issued_at: AwareDatetime
    reason: str


class CreditNoteIssued(StandingEvent):
    type = "credit_note.issued"
    credit_note: CreditNote
    identities: list[str] = Field(default_factory=list)
