"""Taking a charge back: void while nothing was paid, else a credit note and the money itself."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from services.billing.domain.books import Books
from services.billing.domain.credit_note import credit
from services.billing.domain.events import CreditNoteIssued, InvoiceVoided
from services.billing.domain.invoice import Invoice, InvoiceStatus
from services.billing.domain.ledger import credited, written_off
from services.billing.domain.payment_attempt import AttemptState
from services.billing.domain.refund import Refund, checkout_refund_key, refund_id, reversal_key


def take_back(books: Books, effective_at: datetime, at: datetime, reason: str) -> None:
    """Every charge for a period that begins at `effective_at` or later."""
    for invoice in list(books.invoices):
        if invoice.period.start >= effective_at:
            take_back_one(books, invoice, at, reason)


def take_back_one(books: Books, invoice: Invoice, at: datetime, reason: str) -> None:
    """What is void or credited already stays as it is."""
    if invoice.is_open:
        void(books, invoice, at, reason)
    elif invoice.status is InvoiceStatus.PAID and not invoice.credited_minor:
        _credit(books, invoice, at, reason)
        if invoice.gateway is not None and invoice.reference is not None:
            give_back(books, invoice, invoice.gateway, invoice.reference, reason)


def void(books: Books, invoice: Invoice, at: datetime, reason: str) -> None:
    """The number stays used; a credit note reverses the claim. An attempt that is not yet sent is
    called off, and one that is gives its money back when it succeeds.
    """
    books.invoices.touch(invoice.id).status = InvoiceStatus.VOID
    settle_dunning(books, invoice)
    call_off(books, invoice)
    books.say(partial(InvoiceVoided, invoice=replace(invoice)), at, "invoice_voided", reason)
    _credit(books, invoice, at, reason)


def write_off(books: Books, invoice: Invoice, at: datetime) -> None:
    books.invoices.touch(invoice.id).status = InvoiceStatus.UNCOLLECTIBLE
    settle_dunning(books, invoice)
    call_off(books, invoice)
    books.postings.append(written_off(invoice))
    books.say(partial(InvoiceVoided, invoice=replace(invoice)), at, "written_off")


def call_off(books: Books, invoice: Invoice) -> None:
    """Only what has not left the house can be called off."""
    waiting = books.under_way(invoice)
    if waiting is not None and waiting.state is AttemptState.CREATED:
        books.attempts.touch(waiting.id).state = AttemptState.CALLED_OFF


def settle_dunning(books: Books, invoice: Invoice) -> None:
    """What was still scheduled for this invoice no longer counts."""
    if books.dunnings.get(invoice.id) is None:
        return
    books.dunnings.touch(invoice.id).close()
    books.silence(invoice.id, "retry", "grace_ends")


def give_back(books: Books, invoice: Invoice, gateway: str, reference: str, reason: str) -> None:
    """Order the refund of one charge in full; ordered twice, it is one.

    Before activation it has the key that a rejected checkout uses, since the two may both order it.
    """
    key = (
        reversal_key(invoice.lines[0].identity, reference)
        if books.contract.is_activated
        else checkout_refund_key(gateway, reference)
    )
    books.refunds.append(
        Refund(
            id=refund_id(key),
            key=key,
            partner_id=invoice.partner_id,
            subscription_id=invoice.subscription_id,
            checkout_id=books.contract.checkout_id,
            bill_to=invoice.bill_to,
            gateway=gateway,
            reference=reference,
            amount_minor=invoice.total_minor,
            currency=invoice.currency,
            reason=reason,
            is_booked=True,
        )
    )


def _credit(books: Books, invoice: Invoice, at: datetime, reason: str) -> None:
    books.invoices.touch(invoice.id)
    note = credit(invoice, reason, at)
    books.credit_notes.append(note)
    books.postings.append(credited(note))
    books.say(partial(CreditNoteIssued, note=note), at, "credit_note_issued", reason)
