"""Attempt an invoice by hand, without touching the schedule of its retries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.billing.domain.collection import pay_by_hand
from services.billing.domain.invoice import InvoiceId, InvoiceUnknown
from services.billing.domain.payment_attempt import PaymentAttempt
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import Transaction, Wanted
from shared.ids import PartnerId
from shared.origin import Origin

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PayInvoice:
    partner_id: PartnerId
    invoice_id: InvoiceId
    origin: Origin


async def pay_invoice(command: PayInvoice, tx: Transaction, now: datetime) -> PaymentAttempt:
    """The attempt is made; its outcome is told when the gateway has answered."""
    keys = await tx.books.of_invoices([command.invoice_id], command.partner_id)
    if command.invoice_id not in keys:
        raise InvoiceUnknown(f"no invoice {command.invoice_id}")
    key = keys[command.invoice_id]
    books = (await tx.books.get_many([key], Wanted(invoices=[command.invoice_id])))[key]
    made = await tx.attempts.made_by_hand(command.invoice_id, now - A_DAY)
    attempt = pay_by_hand(books, command.invoice_id, made, now, command.origin.actor)
    acts = Acts()
    acts.note(books, command.origin)
    await acts.save(tx.books, {command.partner_id: now})
    return attempt
