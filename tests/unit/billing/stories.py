"""Books of one subscription at some point of its life, and what the gateway may say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.collection import retry
from services.billing.domain.contract import (
    CheckoutId,
    Contract,
    CustomerId,
    Hold,
    HoldKind,
    Item,
    SubscriptionId,
    Terms,
)
from services.billing.domain.first_period import CheckoutMoney, begin
from services.billing.domain.following import Extension, Word, follow
from services.billing.domain.invoice import Invoice
from services.billing.domain.outcome import end_grace, note_failure, note_success
from services.billing.domain.payment_attempt import AttemptState, PaymentAttempt
from services.billing.domain.renewal import remind, renew
from shared.calendar import Interval, local_date, start_of_local_day
from shared.ids import PartnerId

ACME = PartnerId("ptn_acme")
BERLIN = "Europe/Berlin"
NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
MONTH = Interval("month")


def midnight(year: int, month: int, day: int) -> datetime:
    return start_of_local_day(date(year, month, day), BERLIN)


# When the first renewal of what began at NOW is run.
DUE = midnight(2026, 2, 28) + timedelta(seconds=2)


def terms(**changes: Any) -> Terms:
    told: dict[str, Any] = {
        "version": 1,
        "status": "created",
        "customer_id": CustomerId("cus_1"),
        "bill_to": CustomerId("cus_1"),
        "currency": "EUR",
        "zone": BERLIN,
        "interval": MONTH,
        "trial_days": 0,
        "items": (Item("itm_1", "tv", 1, 1299),),
    }
    return Terms(**told | changes)


def new_books(**changes: Any) -> Books:
    contract = Contract(
        partner_id=ACME,
        subscription_id=SubscriptionId("sub_1"),
        checkout_id=CheckoutId("chk_1"),
        correlation_id="cor_1",
        terms=terms(**changes),
    )
    return Books(contract=contract, is_new=True)


def by_card(name: str = "pm_1") -> CheckoutMoney:
    return CheckoutMoney("method", "cards", method_ref=name)


def running(at: datetime = NOW, **changes: Any) -> Books:
    """Paid for and activated at the same instant."""
    books = new_books(**changes)
    begin(books, by_card(), at)
    succeeds(books, at)
    activate(books, at)
    return books


def billed() -> Books:
    """Its second period is invoiced, and the charge waits to be sent."""
    books = running()
    fire(books, DUE)
    said(books)
    return books


def activate(books: Books, at: datetime) -> None:
    contract = books.contract
    anchor_on = local_date(at, BERLIN) + timedelta(days=contract.terms.trial_days)
    tell(books, at, status="active", anchor_on=anchor_on)


def tell(books: Books, at: datetime, extension: Extension | None = None, **changes: Any) -> None:
    """The next word of the subscription, which has heard of all that billing has opened."""
    contract = books.contract
    granted = contract.periods_granted + (extension.intervals if extension else 0)
    dates: dict[str, Any] = {}
    if contract.schedule is not None and contract.is_activated:
        schedule = contract.schedule
        if extension and books.is_exhausted:
            schedule = schedule.restarted(at, contract.covered)
        dates = {
            "anchor_on": schedule.anchor_on,
            "next_boundary_at": schedule.start(contract.periods_opened + granted),
        }
    said = replace(
        contract.terms,
        version=contract.terms.version + 1,
        periods_opened=contract.periods_opened,
        periods_granted=granted,
        **dates | changes,
    )
    follow(books, Word(said, at, extension), at)


def hold(books: Books, kind: HoldKind, placed_at: datetime, at: datetime | None = None) -> None:
    holds = (*books.contract.terms.holds, Hold(kind, placed_at))
    tell(books, at or placed_at, holds=holds)


def pending(books: Books) -> PaymentAttempt:
    [found] = [each for each in books.attempts if each.is_under_way]
    return found


def succeeds(books: Books, at: datetime, attempt: PaymentAttempt | None = None) -> None:
    tried = attempt or pending(books)
    note_success(books, tried.id, charged(tried), at)


def fails(books: Books, at: datetime, *, hard: bool = False) -> None:
    note_failure(books, pending(books).id, "declined", at, hard=hard)


def sent(books: Books) -> PaymentAttempt:
    """The attempt is on its way, and only the gateway knows."""
    attempt = pending(books)
    attempt.state = AttemptState.SENT
    return attempt


def charged(attempt: PaymentAttempt, amount_minor: int | None = None) -> Charge:
    amount = attempt.amount_minor if amount_minor is None else amount_minor
    return Charge(
        reference=f"ch_{attempt.key}",
        key=attempt.key,
        status="succeeded",
        code=None,
        hard=False,
        amount_minor=amount,
        currency=attempt.currency,
        captured_minor=amount,
        refunded_minor=0,
        refund_pending_minor=0,
        disputed_minor=0,
    )


def fire(books: Books, until: datetime) -> None:
    """Every timer that is due by then, the earliest first; each once."""
    while due := [each for each in books.alarms if each.at <= until]:
        alarm = min(due, key=lambda each: (each.at, each.kind))
        books.alarms.remove(alarm)
        if (alarm.kind, alarm.subject) in books.silenced and alarm.kind in {"retry", "grace_ends"}:
            continue
        match alarm.kind:
            case "renewal":
                renew(books, alarm.key, alarm.at)
            case "reminder":
                remind(books, alarm.key, alarm.at)
            case "retry":
                retry(books, alarm.subject, int(alarm.key), alarm.at)
            case _:
                end_grace(books, alarm.subject, alarm.at)


def newest(books: Books) -> Invoice:
    return list(books.invoices)[-1]


def said(books: Books) -> list[str]:
    """The events since this was asked last, by name."""
    return [type(each).__name__ for each in books.take_events()]
