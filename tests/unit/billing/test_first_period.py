from typing import Any

import pytest

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.events import PaymentFailed, PeriodOpened
from services.billing.domain.first_period import CheckoutMoney, begin, confirm, refuse
from services.billing.domain.following import reject
from services.billing.domain.payment_attempt import AttemptState
from services.billing.domain.verification import VerificationState
from tests.unit.billing.stories import (
    NOW,
    by_card,
    fails,
    midnight,
    new_books,
    pending,
    said,
    sent,
    succeeds,
    tell,
)

CAPTURED = CheckoutMoney("captured", "cards", reference="ch_1")


def shown(amount: int = 1299, **changes: Any) -> Charge:
    told: dict[str, Any] = {
        "reference": "ch_1",
        "key": None,
        "status": "succeeded",
        "code": None,
        "hard": False,
        "amount_minor": amount,
        "currency": "EUR",
        "captured_minor": amount,
        "refunded_minor": 0,
        "refund_pending_minor": 0,
        "disputed_minor": 0,
    }
    return Charge(**told | changes)


def last_failure(books: Books) -> PaymentFailed:
    event = books.events[-1]
    assert isinstance(event, PaymentFailed)
    return event


def test_a_trial_opens_its_period_at_once_and_asks_for_no_money() -> None:
    books = new_books(trial_days=14)

    begin(books, by_card(), NOW)

    [opened] = books.take_events()
    assert isinstance(opened, PeriodOpened)
    assert (opened.by, opened.period.start, opened.period.end) == (
        "trial",
        NOW,
        midnight(2026, 2, 14),
    )
    assert not list(books.attempts)


@pytest.mark.parametrize("terms", [{"trial_days": 14}, {"items": ()}])
def test_a_capture_that_nothing_is_due_for_is_given_back_in_full(terms: dict[str, Any]) -> None:
    books = new_books(**terms)

    begin(books, CAPTURED, NOW)

    assert isinstance(books.events[-1], PeriodOpened)
    [refund] = books.refunds
    assert (refund.key, refund.amount_minor, refund.is_booked) == ("refund/cards/ch_1", None, False)


def test_a_capture_of_another_checkout_is_left_to_it() -> None:
    books = new_books(trial_days=14)

    begin(books, CAPTURED, NOW, is_ours=False)

    assert isinstance(books.events[-1], PeriodOpened)
    assert books.refunds == []


def test_a_first_charge_that_fails_leaves_the_door_open() -> None:
    books = new_books()
    begin(books, by_card(), NOW)

    fails(books, NOW, hard=True)

    failed = last_failure(books)
    assert (failed.final, failed.said.standing.status) == (False, "current")
    assert not list(books.dunnings)


def test_captured_money_that_is_proven_is_not_charged_again() -> None:
    books = new_books()
    begin(books, CAPTURED, NOW)

    confirm(books, shown(), NOW, "service:billing")

    assert said(books) == ["InvoiceIssued", "PaymentSucceeded", "InvoicePaid", "PeriodOpened"]
    [attempt] = books.attempts
    assert (attempt.state, attempt.reference) == (AttemptState.SUCCEEDED, "ch_1")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1298},
        {"currency": "USD"},
        {"status": "declined", "captured_minor": 0},
        {"refunded_minor": 1},
        {"refund_pending_minor": 1299},
        {"disputed_minor": 1299},
    ],
)
def test_captured_money_that_is_not_whole_proves_nothing(changes: dict[str, Any]) -> None:
    books = new_books()
    begin(books, CAPTURED, NOW)

    confirm(books, shown(**changes), NOW, "service:billing")

    assert (last_failure(books).code, last_failure(books).final) == ("not_captured", True)
    assert not list(books.invoices)


def test_a_second_answer_to_a_verification_changes_nothing() -> None:
    books = new_books()
    begin(books, CAPTURED, NOW)
    confirm(books, shown(), NOW, "service:billing")
    said(books)

    confirm(books, shown(), NOW, "service:billing")
    refuse(books, NOW)

    assert said(books) == []


def test_a_rejection_before_the_proof_calls_it_off() -> None:
    books = new_books()
    begin(books, CAPTURED, NOW)

    reject(books, NOW)
    confirm(books, shown(), NOW, "service:billing")

    assert books.verification is not None
    assert books.verification.state is VerificationState.CALLED_OFF
    assert said(books) == []


def test_a_cancellation_while_the_charge_is_under_way_gives_the_money_back() -> None:
    books = new_books()
    begin(books, by_card(), NOW)
    attempt = sent(books)
    tell(books, NOW, status="canceled")
    said(books)

    succeeds(books, NOW, attempt)

    assert said(books) == ["PaymentSucceeded"]
    [refund] = books.refunds
    assert (refund.key, refund.amount_minor) == (f"refund/cards/{attempt_reference(books)}", 1299)


def test_a_cancellation_before_the_charge_is_sent_calls_it_off() -> None:
    books = new_books()
    begin(books, by_card(), NOW)
    attempt = pending(books)

    tell(books, NOW, status="canceled")

    assert attempt.state is AttemptState.CALLED_OFF
    assert said(books) == ["InvoiceIssued", "InvoiceVoided", "CreditNoteIssued"]


def test_cancelled_and_rejected_give_back_once() -> None:
    books = new_books()
    begin(books, by_card(), NOW)
    succeeds(books, NOW)

    tell(books, NOW, status="canceled")
    reject(books, NOW)

    assert len({refund.key for refund in books.refunds}) == 1
    assert [event for event in said(books) if event == "CreditNoteIssued"] == ["CreditNoteIssued"]


def attempt_reference(books: Books) -> str:
    [attempt] = books.attempts
    assert attempt.reference is not None
    return attempt.reference
