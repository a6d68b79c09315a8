"""A numbered document that lowers what was invoiced; it moves no money itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.contract import CustomerId, SubscriptionId
from services.billing.domain.invoice import Invoice, InvoiceId
from services.billing.domain.numbering import DocumentKind, Numbered
from shared.ids import PartnerId, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    id: str
    partner_id: PartnerId
    invoice_id: InvoiceId
    subscription_id: SubscriptionId
    bill_to: CustomerId
    currency: str
    total_minor: int
    reason: str
    identities: Sequence[str]
    document: Numbered


def credit(invoice: Invoice, reason: str, at: datetime) -> CreditNote:
    """The whole invoice; its charges may be made anew afterwards."""
    note = CreditNote(
        id=new_id("crn"),
        partner_id=invoice.partner_id,
        invoice_id=invoice.id,
        subscription_id=invoice.subscription_id,
        bill_to=invoice.bill_to,
        currency=invoice.currency,
        total_minor=invoice.total_minor - invoice.credited_minor,
        reason=reason,
        identities=invoice.identities,
        document=Numbered(DocumentKind.CREDIT_NOTE, at),
    )
    invoice.credited_minor = invoice.total_minor
    return note
