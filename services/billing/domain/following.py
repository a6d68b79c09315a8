"""What billing does when the subscription says something: each version once, in its turn."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.billing.domain.books import Books
from services.billing.domain.collection import collect
from services.billing.domain.contract import Terms
from services.billing.domain.events import InvoicePaid
from services.billing.domain.invoice import Invoice
from services.billing.domain.ledger import paid_elsewhere, sold_elsewhere
from services.billing.domain.ordering import take_up_waiting
from services.billing.domain.renewal import plan_renewal
from services.billing.domain.reversal import (
    call_off,
    settle_dunning,
    take_back,
    take_back_one,
    void,
    write_off,
)
from services.billing.domain.verification import VerificationState


@dataclass(frozen=True, slots=True)
class Extension:
    """Periods that were granted; `paid_minor` was paid elsewhere, 0 is goodwill.

    `to_a_day`: the one period granted ends with a day, and what was owed up to there is covered.
    """

    grant_id: str
    intervals: int
    paid_minor: int
    to_a_day: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of a subscription, and when."""

    terms: Terms
    said_at: datetime
    extension: Extension | None = None


def follow(books: Books, word: Word, at: datetime) -> None:
    """Take over what was said, and draw every consequence from what is different now."""
    terms, extension = word.terms, word.extension
    before, exhausted = books.contract.terms, books.is_exhausted
    books.contract.follow(terms, extension.intervals if extension else 0)
    if terms.status == "canceled":
        _end_unstarted(books, at)
    elif terms.status == "terminated":
        _close(books, at)
    else:
        _heed_holds(books, before, at)
        _heed_end(books, before, at)
        if extension:
            _cover(books, extension, at, exhausted=exhausted)
        if before.is_held and not terms.is_held:
            _come_back(books, word.said_at, at)
    take_up_waiting(books, at)
    plan_renewal(books, at)


def reject(books: Books, at: datetime) -> None:
    """The checkout has ended without a subscription: whatever was paid for it goes back."""
    books.contract.rejected = True
    _end_unstarted(books, at)
    plan_renewal(books, at)


def _close(books: Books, at: datetime) -> None:
    """What is owed is lost. What was only ordered was never owed."""
    _take_back_unheard(books, at, "terminated")
    for invoice in books.open_invoices:
        if invoice.order_id is None:
            write_off(books, invoice, at)
        else:
            void(books, invoice, at, "terminated")


def _end_unstarted(books: Books, at: datetime) -> None:
    """It ended before it ran. Money that arrives later goes back by itself."""
    if books.verification and books.verification.state is VerificationState.ASKED:
        books.verification.state = VerificationState.CALLED_OFF
    for invoice in list(books.invoices):
        take_back_one(books, invoice, at, "canceled_before_activation")


def _heed_holds(books: Books, before: Terms, at: datetime) -> None:
    """While it is held nothing is charged. Only a period that began before the hold stays owed."""
    known = {hold.kind for hold in before.holds}
    for hold in books.contract.terms.holds:
        if hold.kind in known or hold.kind == "non_payment":
            continue
        take_back(books, hold.placed_at, at, f"held_{hold.kind}")
        for invoice in books.open_invoices:
            call_off(books, invoice)


def _heed_end(books: Books, before: Terms, at: datetime) -> None:
    """An end that has come leaves nothing to collect; one to come takes back what lies behind it."""
    ends_at = books.contract.terms.ends_at
    if ends_at is None or (before.ends_at is not None and before.ends_at <= ends_at):
        return
    if ends_at <= at:
        for invoice in books.open_invoices:
            void(books, invoice, at, "canceled")
        _take_back_unheard(books, at, "canceled")
    take_back(books, ends_at, at, "canceled")


def _take_back_unheard(books: Books, at: datetime, reason: str) -> None:
    """It ended because it owed. A payment that it had not heard of bought it nothing: a period
    that it does not count will never run.
    """
    terms = books.contract.terms
    if not terms.is_owing:
        return
    for invoice in list(books.invoices):
        if invoice.period.no >= terms.covered and not invoice.is_open:
            take_back_one(books, invoice, at, reason)


def _come_back(books: Books, resumed_at: datetime, at: datetime) -> None:
    """The days on hold pass unbilled: the next boundary from then on is the next to be billed."""
    contract = books.contract
    if contract.schedule is not None and contract.is_activated:
        contract.schedule = contract.schedule.not_before(resumed_at, books.next_no)
    if not books.is_exhausted:
        collect(books, "extra", at)


def _cover(books: Books, extension: Extension, at: datetime, *, exhausted: bool) -> None:
    """The first granted periods are those that are owed; money that is on its way goes back."""
    owed, booked = books.open_invoices, 0
    covered, rest = owed[: extension.intervals], owed[extension.intervals :]
    for invoice in covered:
        if extension.paid_minor:
            restarts = exhausted and invoice is covered[0]
            _book_payment(books, invoice, extension, at, restarts=restarts)
            booked += invoice.total_minor
        else:
            void(books, invoice, at, "extended")
    for invoice in rest if extension.to_a_day else ():
        void(books, invoice, at, "extended")
    if extension.paid_minor != booked:
        difference = extension.paid_minor - booked
        books.postings.append(sold_elsewhere(books.contract, extension.grant_id, difference))
    if covered:
        collect(books, "renewal", at)


def _book_payment(
    books: Books, invoice: Invoice, extension: Extension, at: datetime, *, restarts: bool
) -> None:
    """Paid elsewhere, so its period is opened; it was granted too, and counts once."""
    contract = books.contract
    invoice = books.invoices.touch(invoice.id)
    invoice.settle("manual")
    settle_dunning(books, invoice)
    call_off(books, invoice)
    books.postings.append(paid_elsewhere(invoice, extension.grant_id))
    start, period = at if restarts else invoice.period.start, invoice.period
    if contract.schedule is not None and contract.schedule.start(period.no + 1) > start:
        period = contract.schedule.running_from(start, period.no)
    contract.periods_granted -= 1
    books.note_opened(period, "manual", invoice)
    books.say(partial(InvoicePaid, invoice=replace(invoice), settled_by="manual"), at, "extended")
    books.say_opened(at, "extended", moved=restarts)
