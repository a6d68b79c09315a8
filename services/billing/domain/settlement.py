"""What the outcome of a charge means: for the invoice, the dunning, the period and the standing."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from services.billing.domain.books import Alarm, Books
from services.billing.domain.charge import Charge
from services.billing.domain.dunning import Dunning
from services.billing.domain.events import (
    DunningExhausted,
    InvoicePaid,
    Payless,
    PaymentFailed,
    PaymentSucceeded,
)
from services.billing.domain.invoice import Invoice
from services.billing.domain.ledger import received
from services.billing.domain.order_answer import clear, decline, not_paid
from services.billing.domain.payment_attempt import AttemptState, PaymentAttempt
from services.billing.domain.reversal import call_off, give_back, settle_dunning, void
from services.billing.domain.schedule import Period, Schedule
from shared.ids import new_id


def succeed(books: Books, attempt_id: str, charge: Charge, at: datetime) -> bool:
    """The money is here. Whatever was believed of this attempt before, the gateway's word holds;
    money for an invoice that nobody owes any more goes back. Another amount is for a person to see.

    Returns:
        Whether it settled its invoice.
    """
    known = books.attempts.get(attempt_id)
    if known is None or known.state is AttemptState.SUCCEEDED:
        return False
    paid, reference = books.attempts.touch(attempt_id), charge.reference
    if (charge.captured_minor, charge.currency) != (paid.amount_minor, paid.currency):
        paid.state = AttemptState.NEEDS_REVIEW
        return False
    paid.state, paid.reference, paid.code, paid.hard = (
        AttemptState.SUCCEEDED,
        reference,
        None,
        False,
    )
    invoice = books.invoices.touch(paid.invoice_id)
    books.postings.append(received(invoice, paid.key))
    if invoice.is_open:
        pay(books, invoice, paid, at)
        return True
    books.say(partial(PaymentSucceeded, payment=replace(paid)), at, "payment", "taken_back")
    give_back(books, invoice, paid.method.gateway, reference, "settled_otherwise")
    return False


def pay(books: Books, invoice: Invoice, paid: PaymentAttempt, at: datetime) -> None:
    """The invoice is settled and its period runs.

    After an exhausted dunning it runs from this instant and the billing day moves here: the days
    before were a gift. So does one that was ordered. Else the period lies where it always lay.
    Where a late success settles it, a further attempt that has not left yet is called off.
    """
    restarts = books.is_exhausted or invoice.order_id is not None
    invoice.settle("gateway", paid.method.gateway, paid.reference)
    settle_dunning(books, invoice)
    call_off(books, invoice)
    period = _period_of(books, invoice, at, restarts=restarts)
    books.note_opened(period, "payment", invoice)
    books.say(partial(PaymentSucceeded, payment=replace(paid)), at, "payment")
    books.say(partial(InvoicePaid, invoice=replace(invoice), settled_by="gateway"), at, "payment")
    books.say_opened(at, "payment", moved=restarts)
    if invoice.order_id is not None:
        clear(books, invoice.order_id, invoice.id, at)


def _period_of(books: Books, invoice: Invoice, at: datetime, *, restarts: bool) -> Period:
    contract, no = books.contract, invoice.period.no
    terms = contract.terms
    if contract.schedule is None or not contract.covered:
        contract.schedule = Schedule.first(at, terms.trial_days, terms.zone, terms.interval)
        return contract.schedule.running_from(at, no)
    if restarts:
        contract.schedule = contract.schedule.restarted(at, no)
        return contract.schedule.running_from(at, no)
    return contract.schedule.running_from(invoice.period.start, no)


def fail(books: Books, attempt_id: str, code: str, at: datetime, *, hard: bool) -> bool:
    """It failed for good. A failure that comes after a success changes nothing.

    Returns:
        Whether another method has been brought meanwhile and should be tried at once.
    """
    known = books.attempts.get(attempt_id)
    if known is None or not known.is_under_way:
        return False
    failed = books.attempts.touch(attempt_id)
    failed.state, failed.code, failed.hard = AttemptState.FAILED, code, hard
    invoice = books.invoices.get(failed.invoice_id)
    if invoice is None or not invoice.is_open:
        return False
    if invoice.order_id is not None:
        _decline(books, invoice, invoice.order_id, failed, at)
        return False
    other = books.contract.method not in {None, failed.method}
    _note_failure(books, invoice, failed, code, at, hard=hard, trying_on=other)
    return other


def _decline(
    books: Books, invoice: Invoice, order_id: str, failed: PaymentAttempt, at: datetime
) -> None:
    """An order has one attempt and no dunning: nothing has changed, and nothing is owed."""
    told, code = replace(failed), failed.code or "declined"
    books.say(
        lambda said: PaymentFailed(said, told, code, told.hard, final=True, order_id=order_id),
        at,
        "payment_failed",
        code,
    )
    void(books, invoice, at, "order_declined")
    decline(books, order_id, not_paid(code), at)


def fail_without_method(books: Books, invoice: Invoice, at: datetime) -> None:
    """There is nothing to charge: grace at once, until a method is brought."""
    payless = Payless(new_id("pay"), invoice.id, invoice.total_minor, invoice.currency, "", None)
    _note_failure(books, invoice, payless, "no_method", at, hard=True, trying_on=False)


def exhaust(books: Books, invoice_id: str, at: datetime) -> None:
    """The grace days are over. Younger invoices, issued meanwhile, are void: service is cut."""
    invoice = books.invoices.get(invoice_id)
    if invoice is None or not invoice.is_open or books.dunnings.get(invoice_id) is None:
        return
    if not books.dunnings.touch(invoice_id).exhaust():
        return
    books.say(partial(DunningExhausted, invoice_id=invoice.id), at, "grace_ended")
    for younger in books.open_invoices[1:]:
        void(books, younger, at, "suspended")


def _note_failure(
    books: Books,
    invoice: Invoice,
    payment: PaymentAttempt | Payless,
    code: str,
    at: datetime,
    *,
    hard: bool,
    trying_on: bool,
) -> None:
    """The very first charge has no dunning: nothing runs yet, and the customer may bring another
    method as long as the subscription waits.
    """
    first = not books.contract.covered
    if not first:
        _dunning_of(books, invoice).note_failure(hard=hard)
    dunning = books.dunnings.get(invoice.id)
    more = first or trying_on or (dunning is not None and dunning.next_retry_at is not None)
    told = replace(payment)
    books.say(
        lambda said: PaymentFailed(said, told, code, hard, final=not more),
        at,
        "payment_failed",
        code,
    )


def _dunning_of(books: Books, invoice: Invoice) -> Dunning:
    """Set down at the first failure, with its timers."""
    if books.dunnings.get(invoice.id) is not None:
        return books.dunnings.touch(invoice.id)
    dunning = Dunning.begin(invoice, books.contract.terms.zone)
    books.dunnings.add(invoice.id, dunning)
    books.alarms += [
        Alarm("retry", invoice.id, str(each.n), each.due_at) for each in dunning.retries
    ]
    books.alarms.append(Alarm("grace_ends", invoice.id, "", dunning.grace_until))
    return dunning
