"""The next period: when it is billed, what is said three days before, and the bill itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.billing.domain.books import Alarm, Books
from services.billing.domain.collection import collect
from services.billing.domain.events import InvoiceIssued, InvoiceUpcoming
from services.billing.domain.invoice import Invoice, draft
from services.billing.domain.ledger import issued
from services.billing.domain.schedule import Period
from shared.calendar import days_later

# The run for an instant waits a moment for what was decided before it.
RUN_AFTER = timedelta(seconds=2)
REMIND_DAYS = 3


def plan_renewal(books: Books, at: datetime) -> None:
    """Set the timers for the next boundary to be billed; nothing happens when they stand already."""
    contract = books.contract
    wanted = _next_boundary(books, at)
    if wanted == contract.renews_at:
        return
    if contract.renews_at is not None:
        books.silence(contract.subscription_id, "renewal", "reminder")
    contract.renews_at = wanted
    if wanted is None or contract.schedule is None:
        return
    contract.timers_no += 1
    key = str(contract.timers_no)
    books.alarms.append(Alarm("renewal", contract.subscription_id, key, wanted + RUN_AFTER))
    remind_at = days_later(wanted, -REMIND_DAYS, contract.schedule.zone)
    if remind_at > at:
        books.alarms.append(Alarm("reminder", contract.subscription_id, key, remind_at))


def renew(books: Books, timer_key: str, at: datetime) -> None:
    """Bill the period that begins now; one period a call, and none for a timer of an older plan."""
    contract = books.contract
    if timer_key != str(contract.timers_no) or contract.renews_at is None:
        return
    contract.renews_at = None
    boundary = _next_boundary(books, at)
    if boundary is not None and boundary <= at and contract.schedule is not None:
        period = contract.schedule.period(books.next_no)
        if contract.terms.total_minor:
            invoice = issue(books, period, period.start, at, "renewal")
            if books.oldest_open is invoice:
                collect(books, "renewal", at)
        else:
            books.note_opened(period, "free")
            books.say_opened(at, "renewal")
    plan_renewal(books, at)


def remind(books: Books, timer_key: str, at: datetime) -> None:
    """Say what will be charged in three days, unless it will not be."""
    contract = books.contract
    boundary = _next_boundary(books, at)
    if timer_key != str(contract.timers_no) or boundary is None or not contract.terms.total_minor:
        return
    no, terms = books.next_no, contract.terms
    books.say(
        lambda said: InvoiceUpcoming(said, no, boundary, terms.total_minor, terms.currency),
        at,
        "reminder",
    )


def issue(books: Books, period: Period, due_at: datetime, at: datetime, kind: str) -> Invoice:
    """The number is given when it is stored, in the same transaction."""
    invoice = draft(books.contract, period, due_at, at)
    books.invoices.add(invoice.id, invoice)
    books.postings.append(issued(invoice))
    as_issued = replace(invoice)
    books.say(lambda said: InvoiceIssued(said, as_issued), at, kind)
    return invoice


def _next_boundary(books: Books, at: datetime) -> datetime | None:
    """None while nothing more is to be billed: held, suspended, ended or ending before, not yet
    running.
    """
    contract = books.contract
    terms = contract.terms
    if contract.schedule is None or not contract.is_activated or contract.is_over:
        return None
    if terms.is_held or books.is_exhausted:
        return None
    start = contract.schedule.start(books.next_no)
    if terms.ends_at is not None and terms.ends_at <= max(start, at):
        return None
    return start
