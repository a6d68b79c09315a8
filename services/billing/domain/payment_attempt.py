"""One attempt to get an invoice paid, under one key for ever."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.billing.domain.contract import Method, SubscriptionId
from services.billing.domain.invoice import Invoice, InvoiceId
from shared.errors import Conflict
from shared.ids import PartnerId, new_id

Trigger = Literal["first", "renewal", "retry", "extra", "manual", "captured", "order"]


class AttemptState(StrEnum):
    """`created` may still be called off; from `sent` on only the gateway knows."""

    CREATED = "created"
    SENT = "sent"
    UNKNOWN = "unknown"
    NEEDS_REVIEW = "needs_review"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CALLED_OFF = "called_off"


UNDER_WAY = frozenset(
    {AttemptState.CREATED, AttemptState.SENT, AttemptState.UNKNOWN, AttemptState.NEEDS_REVIEW}
)


class PaymentUnderWay(Conflict):
    code = "payment_under_way"


class NoPaymentMethod(Conflict):
    code = "no_payment_method"


class TooManyAttempts(Conflict):
    code = "too_many_attempts"


@dataclass(slots=True, kw_only=True)
class PaymentAttempt:
    """`key` is what the gateway knows it by; `actor` wanted it, at the partner's time `created_at`."""

    id: str
    key: str
    partner_id: PartnerId
    subscription_id: SubscriptionId
    invoice_id: InvoiceId
    n: int
    amount_minor: int
    currency: str
    method: Method
    trigger: Trigger
    actor: str
    created_at: datetime
    state: AttemptState = AttemptState.CREATED
    reference: str | None = None
    code: str | None = None
    hard: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


def attempt(
    invoice: Invoice, method: Method, trigger: Trigger, actor: str, at: datetime
) -> PaymentAttempt:
    """The next attempt at this invoice; its key follows from the invoice and its number."""
    invoice.attempts += 1
    return PaymentAttempt(
        id=new_id("pay"),
        key=f"{invoice.id}/{invoice.attempts}",
        partner_id=invoice.partner_id,
        subscription_id=invoice.subscription_id,
        invoice_id=invoice.id,
        n=invoice.attempts,
        amount_minor=invoice.total_minor,
        currency=invoice.currency,
        method=method,
        trigger=trigger,
        actor=actor,
        created_at=at,
    )
