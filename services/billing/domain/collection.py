"""Getting the oldest open invoice paid: who may try, with what, and how often."""

from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.contract import Method, SubscriptionEnded, SubscriptionHeld
from services.billing.domain.invoice import Invoice, InvoiceId, InvoiceNotOpen, InvoiceUnknown
from services.billing.domain.payment_attempt import (
    AttemptState,
    NoPaymentMethod,
    PaymentAttempt,
    PaymentUnderWay,
    TooManyAttempts,
    Trigger,
    attempt,
)
from services.billing.domain.settlement import fail_without_method

MANUAL_ATTEMPTS_A_DAY = 5


def collect(books: Books, trigger: Trigger, at: datetime, actor: str | None = None) -> None:
    """Try the oldest open invoice, unless it is being tried; a younger one waits for it."""
    invoice, method = books.oldest_open, books.contract.method
    if invoice is None or books.contract.is_over or books.contract.terms.is_held:
        return
    if books.under_way(invoice):
        return
    if method is None:
        fail_without_method(books, invoice, at)
    else:
        _try(books, method, trigger, at, actor or f"timer:{trigger}")


def retry(books: Books, invoice_id: str, n: int, at: datetime) -> None:
    """The time of a scheduled retry has come; it is used up, whether it can be tried or not."""
    invoice = books.invoices.get(invoice_id)
    if invoice is None or not invoice.is_open or books.dunnings.get(invoice_id) is None:
        return
    dunning = books.dunnings.touch(invoice_id)
    contract = books.contract
    free = not contract.is_over and not contract.terms.is_held and not books.under_way(invoice)
    if dunning.take_retry(n, possible=free and contract.method is not None):
        collect(books, "retry", at)


def send_again(books: Books, attempt_id: str) -> None:
    """The gateway has never heard of it: the same call, under the same key. Where nothing may be
    charged by now it is called off, as it would have been, had it not left the house.
    """
    lost = books.attempts.get(attempt_id)
    if lost is None or not lost.is_under_way:
        return
    owed = _may_be_charged(books, books.invoices.get(lost.invoice_id))
    books.attempts.touch(lost.id).state = AttemptState.CREATED if owed else AttemptState.CALLED_OFF


def pay_by_hand(
    books: Books, invoice_id: InvoiceId, made_today: int, at: datetime, actor: str
) -> PaymentAttempt:
    """An attempt that somebody asks for; it uses up none of the scheduled ones.

    Raises:
        InvoiceUnknown: there is none of that id here.
        Conflict: the invoice, its payment or its subscription is not in a state to be charged.
    """
    invoice, method = books.invoices.get(invoice_id), books.contract.method
    if invoice is None:
        raise InvoiceUnknown(f"no invoice {invoice_id}")
    _require_chargeable(books, invoice)
    if method is None:
        raise NoPaymentMethod(
            "no payment method is known", way_out="Set one with POST …/payment_method."
        )
    if made_today >= MANUAL_ATTEMPTS_A_DAY:
        raise TooManyAttempts(
            f"{made_today} attempts were made by hand within a day",
            way_out="Wait for the scheduled retry, or try again tomorrow.",
        )
    return _try(books, method, "manual", at, actor)


def _may_be_charged(books: Books, invoice: Invoice | None) -> bool:
    """What was ordered after the end is charged while the subscription has ended."""
    if invoice is None or not invoice.is_open or books.contract.is_over:
        return False
    allowed = {"non_payment"} if invoice.order_id is None else {"non_payment", "ended"}
    return {hold.kind for hold in books.contract.terms.holds} <= allowed


def _require_chargeable(books: Books, invoice: Invoice) -> None:
    if not invoice.is_open:
        raise InvoiceNotOpen(f"invoice {invoice.document.number} is {invoice.status}")
    oldest = books.oldest_open
    if oldest is not None and oldest.id != invoice.id:
        raise InvoiceNotOpen(
            f"invoice {oldest.document.number} is older and unpaid",
            way_out=f"Pay {oldest.id} first.",
        )
    if books.contract.is_over:
        raise SubscriptionEnded("the subscription has ended; nothing is charged any more")
    if books.contract.terms.is_held:
        raise SubscriptionHeld(
            "the subscription is on hold; nothing is charged", way_out="Lift the hold first."
        )
    if under_way := books.under_way(invoice):
        raise PaymentUnderWay(
            f"payment {under_way.id} is under way", way_out="Wait until its outcome is known."
        )


def _try(
    books: Books, method: Method, trigger: Trigger, at: datetime, actor: str
) -> PaymentAttempt:
    invoice = books.open_invoices[0]
    books.invoices.touch(invoice.id)
    made = attempt(invoice, method, trigger, actor, at)
    books.attempts.add(made.id, made)
    return made
