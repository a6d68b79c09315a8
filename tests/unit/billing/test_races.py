"""Two things happen in either order: what is paid, owed and running in the end is the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations

import pytest

from services.billing.domain.books import Books
from services.billing.domain.contract import Method
from services.billing.domain.first_period import begin
from services.billing.domain.following import Extension
from services.billing.domain.invoice import InvoiceStatus
from services.billing.domain.outcome import end_grace, note_failure, note_success
from services.billing.domain.payment_method import change_method
from services.billing.domain.renewal import renew
from services.billing.domain.standing import StandingStatus
from shared.calendar import Interval, local_date, start_of_local_day
from tests.unit.billing.stories import (
    BERLIN,
    MONTH,
    NOW,
    activate,
    by_card,
    charged,
    fire,
    midnight,
    new_books,
    running,
    sent,
    succeeds,
    tell,
)

DUE = midnight(2026, 2, 28) + timedelta(minutes=1)
GRACE_ENDS = midnight(2026, 3, 7)
Step = Callable[[Books], None]


@dataclass(frozen=True)
class End:
    statuses: tuple[InvoiceStatus, ...]
    opened: tuple[int, ...]
    standing: StandingStatus
    covered: int
    under_way: int
    given_back: int


def end_of(books: Books) -> End:
    return End(
        statuses=tuple(each.status for each in books.invoices),
        opened=tuple(each.period.no for each in books.opened),
        standing=books.standing.status,
        covered=books.contract.covered,
        under_way=sum(each.is_under_way for each in books.attempts),
        given_back=len(books.refunds),
    )


def ends(begin: Callable[[], tuple[Books, Sequence[Step]]]) -> set[End]:
    """After the steps in every order, each time upon books of their own."""
    found = set()
    count = len(begin()[1])
    for order in permutations(range(count)):
        books, steps = begin()
        for n in order:
            steps[n](books)
        found.add(end_of(books))
    return found


def charging() -> Books:
    """Its renewal is at the gateway."""
    books = running()
    fire(books, DUE)
    sent(books)
    return books


def test_a_failure_and_a_success_of_one_attempt_are_a_success() -> None:
    def both() -> tuple[Books, Sequence[Step]]:
        books = charging()
        attempt = sent(books)
        return books, (
            lambda it: note_failure(it, attempt.id, "declined", DUE, hard=False),
            lambda it: note_success(it, attempt.id, charged(attempt), DUE),
        )

    [end] = ends(both)
    assert end == End((InvoiceStatus.PAID,) * 2, (0, 1), StandingStatus.CURRENT, 2, 0, 0)


def test_a_failure_and_another_card_lead_to_one_more_attempt() -> None:
    def both() -> tuple[Books, Sequence[Step]]:
        books = charging()
        attempt = sent(books)
        card = Method("cards", "pm_2")
        return books, (
            lambda it: note_failure(it, attempt.id, "declined", DUE, hard=True),
            lambda it: change_method(it, card, DUE, "customer:cus_1", may_charge=True),
        )

    [end] = ends(both)
    assert (end.under_way, end.covered) == (1, 1)


def test_two_cards_that_are_both_charged_pay_once_and_one_goes_back() -> None:
    """The first was given up, and its success becomes known when another is on its way."""

    def both() -> tuple[Books, Sequence[Step]]:
        books = charging()
        one = sent(books)
        note_failure(books, one.id, "gateway_unreachable", DUE, hard=True)
        change_method(books, Method("cards", "pm_2"), DUE, "customer:cus_1", may_charge=True)
        other = sent(books)
        return books, (
            lambda it: note_success(it, one.id, charged(one), DUE),
            lambda it: note_success(it, other.id, charged(other), DUE),
        )

    [end] = ends(both)
    assert end == End((InvoiceStatus.PAID,) * 2, (0, 1), StandingStatus.CURRENT, 2, 0, 1)


@pytest.mark.parametrize("days", [0, 2], ids=["the same day", "two days later"])
def test_activated_on_the_day_of_its_payment_or_later_it_is_next_billed_a_month_after(
    days: int,
) -> None:
    books, at = new_books(), NOW + timedelta(days=days)
    begin(books, by_card(), NOW)
    succeeds(books, NOW)
    fire(books, at)
    activate(books, at)

    anchor_on = local_date(at, BERLIN)
    assert books.contract.renews_at == start_of_local_day(MONTH.after(anchor_on, 1), BERLIN)
    assert end_of(books).opened == (0,)


@pytest.mark.parametrize("paid_minor", [0, 1299], ids=["a gift", "paid elsewhere"])
def test_an_extension_and_a_failure_leave_nothing_owed_and_nothing_to_try(
    paid_minor: int,
) -> None:
    def both() -> tuple[Books, Sequence[Step]]:
        books = charging()
        attempt = sent(books)
        return books, (
            lambda it: note_failure(it, attempt.id, "declined", DUE, hard=False),
            lambda it: tell(it, DUE, Extension("gra_1", 1, paid_minor)),
        )

    [end] = ends(both)
    assert (end.standing, end.covered, end.under_way) == (StandingStatus.CURRENT, 2, 0)


def test_an_extension_and_the_end_of_grace_leave_nothing_owed() -> None:
    def both() -> tuple[Books, Sequence[Step]]:
        books = charging()
        attempt = sent(books)
        note_failure(books, attempt.id, "stolen", DUE, hard=True)
        return books, (
            lambda it: end_grace(it, attempt.invoice_id, GRACE_ENDS),
            lambda it: tell(it, GRACE_ENDS, Extension("gra_1", 1, 0)),
        )

    [end] = ends(both)
    assert (end.standing, end.covered) == (StandingStatus.CURRENT, 2)


def test_a_boundary_and_the_end_of_grace_at_one_instant_leave_one_invoice_open() -> None:
    """A plan shorter than the dunning: what was issued meanwhile is void, or is not issued."""

    def both() -> tuple[Books, Sequence[Step]]:
        books = running(interval=Interval("day"))
        fire(books, midnight(2026, 2, 1) + timedelta(minutes=1))
        attempt = sent(books)
        note_failure(books, attempt.id, "stolen", midnight(2026, 2, 1), hard=True)
        fire(books, midnight(2026, 2, 7))
        at = midnight(2026, 2, 8)
        key = str(books.contract.timers_no)
        return books, (
            lambda it: renew(it, key, at + timedelta(seconds=2)),
            lambda it: end_grace(it, attempt.invoice_id, at + timedelta(seconds=2)),
        )

    found = ends(both)
    assert {end.standing for end in found} == {StandingStatus.EXHAUSTED}
    assert {end.statuses.count(InvoiceStatus.OPEN) for end in found} == {1}
    assert {end.covered for end in found} == {1}
