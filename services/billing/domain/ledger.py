"""Double entry: what happened to money, in entries that add up to zero and never change."""

from dataclasses import dataclass
from typing import Literal

from services.billing.domain.contract import Contract, CustomerId
from services.billing.domain.credit_note import CreditNote
from services.billing.domain.invoice import Invoice
from shared.ids import PartnerId

Account = Literal[
    "receivable",
    "revenue",
    "gateway_clearing",
    "external_clearing",
    "bad_debt",
    "unclaimed_receipts",
]


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount_minor` moves to `debit` and from `credit`; `cause` is booked once for ever."""

    cause: str
    kind: Literal["issue", "payment", "manual", "credit_note", "refund", "write_off", "receipt"]
    partner_id: PartnerId
    bill_to: CustomerId | None
    debit: Account
    credit: Account
    currency: str
    amount_minor: int


def issued(invoice: Invoice) -> Posting:
    return Posting(
        f"issue/{invoice.id}",
        "issue",
        invoice.partner_id,
        invoice.bill_to,
        "receivable",
        "revenue",
        invoice.currency,
        invoice.total_minor,
    )


def received(invoice: Invoice, key: str) -> Posting:
    """Money at the gateway under that key, for an invoice that may be settled otherwise by now."""
    return Posting(
        f"payment/{key}",
        "payment",
        invoice.partner_id,
        invoice.bill_to,
        "gateway_clearing",
        "receivable",
        invoice.currency,
        invoice.total_minor,
    )


def paid_elsewhere(invoice: Invoice, grant_id: str) -> Posting:
    return Posting(
        f"manual/{invoice.id}/{grant_id}",
        "manual",
        invoice.partner_id,
        invoice.bill_to,
        "external_clearing",
        "receivable",
        invoice.currency,
        invoice.total_minor,
    )


def sold_elsewhere(contract: Contract, grant_id: str, amount_minor: int) -> Posting:
    """What was paid for an extension beside the invoices that it settled; negative: what was let go."""
    more = amount_minor > 0
    return Posting(
        f"extension/{contract.subscription_id}/{grant_id}",
        "manual",
        contract.partner_id,
        contract.terms.bill_to,
        "external_clearing" if more else "bad_debt",
        "revenue" if more else "external_clearing",
        contract.terms.currency,
        abs(amount_minor),
    )


def credited(note: CreditNote) -> Posting:
    return Posting(
        f"credit_note/{note.id}",
        "credit_note",
        note.partner_id,
        note.bill_to,
        "revenue",
        "receivable",
        note.currency,
        note.total_minor,
    )


def written_off(invoice: Invoice) -> Posting:
    return Posting(
        f"write_off/{invoice.id}",
        "write_off",
        invoice.partner_id,
        invoice.bill_to,
        "bad_debt",
        "receivable",
        invoice.currency,
        invoice.total_minor - invoice.credited_minor,
    )
