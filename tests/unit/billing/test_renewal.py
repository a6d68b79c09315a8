from datetime import timedelta

from services.billing.domain.books import Alarm
from services.billing.domain.contract import Item
from services.billing.domain.events import InvoiceUpcoming, PeriodOpened
from services.billing.domain.first_period import CheckoutMoney, begin
from services.billing.domain.following import Extension
from services.billing.domain.renewal import remind, renew
from shared.calendar import Interval
from tests.unit.billing.stories import (
    NOW,
    activate,
    fire,
    hold,
    midnight,
    new_books,
    newest,
    pending,
    running,
    said,
    succeeds,
    tell,
)

TWO_SECONDS = timedelta(seconds=2)


def test_the_next_boundary_gets_a_timer_and_a_reminder() -> None:
    books = running()

    assert books.alarms == [
        Alarm("renewal", "sub_1", "1", midnight(2026, 2, 28) + TWO_SECONDS),
        Alarm("reminder", "sub_1", "1", midnight(2026, 2, 25)),
    ]


def test_a_plan_too_short_for_a_reminder_has_none() -> None:
    books = running(interval=Interval("day", 3))

    assert [each.kind for each in books.alarms] == ["renewal"]


def test_the_boundary_is_invoiced_charged_and_the_next_one_planned() -> None:
    books = running()
    said(books)

    fire(books, midnight(2026, 2, 28) + TWO_SECONDS)

    assert said(books) == ["InvoiceUpcoming", "InvoiceIssued"]
    assert newest(books).identities == ["sub_1/itm_1/1/base"]
    assert pending(books).key == f"{newest(books).id}/1"
    assert books.contract.renews_at == midnight(2026, 3, 31)


def test_a_timer_of_an_older_plan_bills_nothing() -> None:
    books = running()
    tell(books, NOW, Extension("gra_1", 1, 0))
    said(books)

    renew(books, "1", midnight(2026, 2, 28) + TWO_SECONDS)

    assert said(books) == []
    assert books.contract.renews_at == midnight(2026, 3, 31)


def test_a_boundary_fires_once() -> None:
    books = running()
    at = midnight(2026, 2, 28) + TWO_SECONDS
    renew(books, "1", at)
    said(books)

    renew(books, "1", at)

    assert said(books) == []


def test_the_reminder_names_what_will_be_charged() -> None:
    books = running()

    remind(books, "1", midnight(2026, 2, 25))

    event = books.events[-1]
    assert isinstance(event, InvoiceUpcoming)
    assert (event.period_no, event.due_at, event.total_minor) == (1, midnight(2026, 2, 28), 1299)


def test_nobody_is_reminded_of_what_will_not_be_charged() -> None:
    books = running()
    tell(books, NOW, ends_at=midnight(2026, 2, 28))
    said(books)

    remind(books, "1", midnight(2026, 2, 25))

    assert said(books) == []


def test_what_costs_nothing_runs_on_without_an_invoice() -> None:
    books = new_books(items=(Item("itm_1", "tv", 1, 0),))
    begin(books, CheckoutMoney("none", "cards"), NOW)
    activate(books, NOW)

    fire(books, midnight(2026, 2, 28) + TWO_SECONDS)

    assert said(books) == ["PeriodOpened", "PeriodOpened"]
    assert not list(books.invoices)


def test_after_an_outage_the_missed_periods_are_invoiced_one_by_one_and_the_oldest_is_tried() -> (
    None
):
    books = running(interval=Interval("week"))

    fire(books, midnight(2026, 2, 22))

    assert [each.period.no for each in books.open_invoices] == [1, 2, 3]
    assert pending(books).invoice_id == books.open_invoices[0].id
    succeeds(books, midnight(2026, 2, 22))
    assert pending(books).invoice_id == books.open_invoices[0].id
    assert newest(books).period.no == 3


def test_on_hold_the_timer_bills_nothing_and_afterwards_the_next_boundary_is_the_one() -> None:
    books = running()
    hold(books, "requested", midnight(2026, 2, 10))
    assert books.contract.renews_at is None

    tell(books, midnight(2026, 4, 12), holds=())

    assert books.contract.renews_at == midnight(2026, 4, 30)
    fire(books, midnight(2026, 4, 30) + TWO_SECONDS)
    succeeds(books, midnight(2026, 4, 30) + TWO_SECONDS)
    opened = books.events[-1]
    assert isinstance(opened, PeriodOpened)
    assert (opened.period.no, opened.period.start) == (1, midnight(2026, 4, 30))
    assert opened.period.end == midnight(2026, 5, 31)
