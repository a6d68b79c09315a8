from datetime import date, timedelta

from services.billing.domain.books import Books
from services.billing.domain.events import PeriodOpened
from services.billing.domain.following import Extension
from services.billing.domain.invoice import InvoiceStatus
from services.billing.domain.payment_attempt import AttemptState
from services.billing.domain.standing import StandingStatus
from tests.unit.billing.stories import (
    DUE,
    billed,
    fails,
    fire,
    hold,
    midnight,
    newest,
    pending,
    running,
    said,
    sent,
    succeeds,
    tell,
)

BOUNDARY = midnight(2026, 2, 28)
A_GIFT = Extension("gra_1", 1, 0)


def owing() -> Books:
    books = billed()
    fails(books, DUE)
    said(books)
    return books


def test_a_charge_that_has_not_left_is_called_off_by_a_hold_placed_before_its_period() -> None:
    books = billed()
    attempt = pending(books)

    hold(books, "abuse", BOUNDARY - timedelta(seconds=1), DUE)

    assert attempt.state is AttemptState.CALLED_OFF
    assert said(books) == ["InvoiceVoided", "CreditNoteIssued"]
    assert not books.refunds


def test_a_charge_that_crossed_a_hold_is_given_back_under_its_identity() -> None:
    books = billed()
    succeeds(books, DUE)
    reference = newest(books).reference
    said(books)

    hold(books, "abuse", BOUNDARY - timedelta(seconds=1), DUE)

    assert said(books) == ["CreditNoteIssued"]
    assert [each.key for each in books.refunds] == [f"reversal/sub_1/itm_1/1/base/{reference}"]
    assert newest(books).status is InvoiceStatus.PAID


def test_a_period_that_began_before_the_hold_stays_owed() -> None:
    books = owing()

    hold(books, "requested", midnight(2026, 3, 2))

    assert [each.period.no for each in books.open_invoices] == [1]
    fire(books, midnight(2026, 3, 3))
    assert not any(each.is_under_way for each in books.attempts)


def test_non_payment_is_billings_own_word_and_stops_nothing_else() -> None:
    books = billed()

    hold(books, "non_payment", BOUNDARY - timedelta(days=1), DUE)

    assert pending(books).state is AttemptState.CREATED


def test_a_hold_said_twice_takes_back_once() -> None:
    books = billed()
    succeeds(books, DUE)
    hold(books, "abuse", BOUNDARY - timedelta(seconds=1), DUE)

    tell(books, DUE)

    assert len(books.credit_notes) == len(books.refunds) == 1


def test_an_end_now_leaves_nothing_to_collect() -> None:
    books = owing()

    tell(books, DUE + timedelta(days=1), ends_at=DUE + timedelta(days=1))
    fire(books, midnight(2026, 3, 10))

    assert said(books) == ["InvoiceVoided", "CreditNoteIssued"]
    assert books.contract.renews_at is None


def test_a_gift_covers_what_is_owed_and_cancels_the_schedule() -> None:
    books = owing()

    tell(books, DUE, A_GIFT)
    fire(books, midnight(2026, 3, 10))

    assert said(books) == ["InvoiceVoided", "CreditNoteIssued"]
    assert books.standing.status is StandingStatus.CURRENT
    assert books.contract.renews_at == midnight(2026, 3, 31)


def test_a_payment_elsewhere_opens_the_period_and_gives_the_money_under_way_back() -> None:
    books = billed()
    attempt = sent(books)

    tell(books, DUE, Extension("gra_1", 1, 1299))
    succeeds(books, DUE, attempt)

    assert said(books) == ["InvoicePaid", "PeriodOpened", "PaymentSucceeded"]
    assert len(books.refunds) == 1
    assert books.contract.covered == 2


def test_what_was_paid_elsewhere_beyond_the_invoices_is_booked_as_well() -> None:
    books = owing()

    tell(books, DUE, Extension("gra_1", 3, 3000))

    booked = [each for each in books.postings if each.kind == "manual"]
    assert [(each.debit, each.amount_minor) for each in booked] == [
        ("external_clearing", 1299),
        ("external_clearing", 1701),
    ]


def test_less_paid_elsewhere_than_was_owed_is_let_go() -> None:
    books = owing()

    tell(books, DUE, Extension("gra_1", 1, 1000))

    [settled, let_go] = [each for each in books.postings if each.kind == "manual"]
    assert settled.amount_minor == 1299
    assert (let_go.debit, let_go.credit, let_go.amount_minor) == (
        "bad_debt",
        "external_clearing",
        299,
    )


def test_an_extension_ahead_of_its_boundary_moves_the_next_charge() -> None:
    books = running()

    tell(books, midnight(2026, 2, 10), Extension("gra_1", 2, 0))

    assert books.contract.renews_at == midnight(2026, 4, 30)


def test_an_extension_to_a_day_moves_the_billing_day_there() -> None:
    books = running()

    tell(
        books,
        midnight(2026, 2, 10),
        Extension("gra_1", 1, 0, to_a_day=True),
        anchor_on=date(2026, 3, 15),
        next_boundary_at=midnight(2026, 3, 15),
    )

    assert books.contract.renews_at == midnight(2026, 3, 15)
    fire(books, midnight(2026, 3, 16))
    succeeds(books, midnight(2026, 3, 16))
    opened = books.events[-1]
    assert isinstance(opened, PeriodOpened)
    assert (opened.period.no, opened.period.end) == (2, midnight(2026, 4, 15))


def test_a_word_that_counts_other_periods_moves_no_dates() -> None:
    """It was said before the subscription heard of the period that billing has opened."""
    books = billed()
    succeeds(books, DUE)
    opened = books.contract.periods_opened
    books.contract.periods_opened = opened - 1
    stale = books.contract.terms
    books.contract.periods_opened = opened

    books.contract.follow(stale)

    assert books.contract.covered_until == midnight(2026, 3, 31)


def test_a_termination_gives_up_what_is_owed() -> None:
    books = owing()

    tell(books, midnight(2026, 4, 1), status="terminated")

    assert said(books) == ["InvoiceVoided"]
    assert newest(books).status is InvoiceStatus.UNCOLLECTIBLE


def test_money_that_comes_after_the_termination_goes_back() -> None:
    books = billed()
    attempt = sent(books)
    tell(books, DUE, status="terminated")

    succeeds(books, DUE, attempt)

    assert len(books.refunds) == 1
