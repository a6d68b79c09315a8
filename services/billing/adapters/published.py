"""Everything billing tells the others: one case per domain event."""

from datetime import datetime
from functools import lru_cache
from typing import Literal, TypedDict

from services.billing.domain import events as domain
from services.billing.domain.credit_note import CreditNote
from services.billing.domain.invoice import Invoice
from services.billing.domain.payment_attempt import PaymentAttempt
from services.billing.domain.refund import Refund, RefundMoved
from services.billing.domain.schedule import Period
from shared.contracts import billing as contracts
from shared.contracts.event import Change
from shared.contracts.subscriptions import Period as PeriodBody
from shared.origin import Origin


class Told(TypedDict):
    standing: contracts.Standing
    change: Change


def to_contract(event: domain.Event, origin: Origin) -> contracts.StandingEvent:  # noqa: C901, PLR0911  one case an event
    said = _said(event.said, origin)
    match event:
        case domain.PeriodOpened():
            return contracts.PeriodOpened(
                **said,
                period=_period(event.period),
                by=event.by,
                invoice_id=event.invoice_id,
                anchor_on=event.anchor_on,
                order_id=event.order_id,
            )
        case domain.OrderCleared():
            return contracts.OrderCleared(
                **said, order_id=event.order_id, invoice_id=event.invoice_id
            )
        case domain.OrderDeclined():
            no = event.refusal
            return contracts.OrderDeclined(
                **said,
                order_id=event.order_id,
                code=no.code,
                message=no.message,
                way_out=no.way_out,
            )
        case domain.InvoiceUpcoming():
            upcoming = contracts.UpcomingInvoice(
                period_no=event.period_no,
                due_at=event.due_at,
                total_minor=event.total_minor,
                currency=event.currency,
            )
            return contracts.InvoiceUpcoming(**said, upcoming=upcoming)
        case domain.InvoiceIssued():
            return contracts.InvoiceIssued(**said, invoice=_invoice(event.invoice))
        case domain.InvoicePaid():
            return contracts.InvoicePaid(
                **said, invoice=_invoice(event.invoice), settled_by=event.settled_by
            )
        case domain.InvoiceVoided():
            return contracts.InvoiceVoided(**said, invoice=_invoice(event.invoice))
        case domain.CreditNoteIssued():
            return contracts.CreditNoteIssued(
                **said, credit_note=_credit_note(event.note), identities=list(event.note.identities)
            )
        case domain.PaymentSucceeded():
            return contracts.PaymentSucceeded(**said, payment=_payment(event.payment))
        case domain.PaymentFailed():
            return _payment_failed(event, said)
        case domain.DunningExhausted():
            return contracts.DunningExhausted(**said, invoice_id=event.invoice_id)
        case domain.PaymentMethodChanged():
            return contracts.PaymentMethodChanged(
                **said, gateway=event.method.gateway, method_ref=event.method.ref
            )


def refund_to_contract(event: RefundMoved, origin: Origin) -> contracts.PaymentRefunded:
    return contracts.PaymentRefunded(
        refund=_refund(event.refund),
        change=_change("refund", event.refund.reason, origin.actor, event.at),
    )


def _payment_failed(event: domain.PaymentFailed, said: Told) -> contracts.PaymentFailed:
    standing = said["standing"]
    return contracts.PaymentFailed(
        **said,
        payment=_payment(event.payment),
        code=event.code,
        hard=event.hard,
        next_attempt_at=standing.next_attempt_at,
        grace_until=standing.grace_until,
        final=event.final,
        order_id=event.order_id,
    )


def _said(said: domain.Said, origin: Origin) -> Told:
    standing = said.standing
    return {
        "standing": contracts.Standing(
            partner_id=said.contract.partner_id,
            version=standing.version,
            subscription_id=said.contract.subscription_id,
            status=standing.status.value,
            paid_through=standing.paid_through,
            open_invoice_id=standing.open_invoice_id,
            next_attempt_at=standing.next_attempt_at,
            grace_until=standing.grace_until,
        ),
        "change": _change(said.kind, said.reason, origin.actor, said.at),
    }


@lru_cache(maxsize=256)
def _change(kind: str, reason: str | None, actor: str, at: datetime) -> Change:
    """The same for a whole set, most often."""
    return Change(kind=kind, reason=reason, actor=actor, at=at)


def _period(period: Period) -> PeriodBody:
    return PeriodBody(no=period.no, start=period.start, end=period.end)


def _invoice(invoice: Invoice) -> contracts.Invoice:
    return contracts.Invoice(
        id=invoice.id,
        number=invoice.document.number,
        status=invoice.status.value,
        bill_to=invoice.bill_to,
        currency=invoice.currency,
        total_minor=invoice.total_minor,
        paid_minor=invoice.paid_minor,
        issued_at=invoice.document.issued_at,
        due_at=invoice.due_at,
        period_no=invoice.period.no,
        lines=[
            contracts.InvoiceLine(
                identity=line.identity,
                item_id=line.item_id,
                product=line.product,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                amount_minor=line.amount_minor,
                period_start=line.period.start,
                period_end=line.period.end,
            )
            for line in invoice.lines
        ],
    )


def _credit_note(note: CreditNote) -> contracts.CreditNote:
    return contracts.CreditNote(
        id=note.id,
        number=note.document.number,
        invoice_id=note.invoice_id,
        currency=note.currency,
        total_minor=note.total_minor,
        issued_at=note.document.issued_at,
        reason=note.reason,
    )


def _payment(payment: PaymentAttempt | domain.Payless) -> contracts.Payment:
    if isinstance(payment, PaymentAttempt):
        return contracts.Payment(
            id=payment.id,
            key=payment.key,
            invoice_id=payment.invoice_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            gateway=payment.method.gateway,
            reference=payment.reference,
            attempt=payment.n,
            manual=payment.trigger in {"manual", "extra"},
        )
    return contracts.Payment(
        id=payment.id,
        key=payment.id,
        invoice_id=payment.invoice_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        gateway=payment.gateway,
        reference=payment.reference,
        attempt=0,
    )


def _refund(refund: Refund) -> contracts.RefundState:
    # Settled or pending with the gateway, an amount is known.
    return contracts.RefundState(
        partner_id=refund.partner_id,
        version=refund.version,
        id=refund.id,
        checkout_id=refund.checkout_id,
        subscription_id=refund.subscription_id,
        gateway=refund.gateway,
        reference=refund.reference,
        amount_minor=refund.amount_minor or 0,
        currency=refund.currency or "",
        status="pending" if refund.state == "pending" else _settled(refund),
        reason=refund.reason,
    )


def _settled(refund: Refund) -> Literal["succeeded", "failed"]:
    return "succeeded" if refund.state == "succeeded" else "failed"
