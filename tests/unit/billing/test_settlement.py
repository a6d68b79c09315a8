from datetime import timedelta

import pytest

from services.billing.domain.books import Books
from services.billing.domain.collection import pay_by_hand
from services.billing.domain.contract import Method
from services.billing.domain.events import PaymentFailed, PeriodOpened
from services.billing.domain.invoice import InvoiceId, InvoiceStatus, InvoiceUnknown
from services.billing.domain.outcome import note_failure, note_success
from services.billing.domain.payment_attempt import AttemptState, PaymentUnderWay
from services.billing.domain.payment_method import change_method
from services.billing.domain.standing import StandingStatus
from tests.unit.billing.stories import (
    DUE,
    billed,
    charged,
    fails,
    fire,
    midnight,
    newest,
    pending,
    said,
    sent,
    succeeds,
)

OTHER = Method("cards", "pm_2")


def exhausted() -> Books:
    books = billed()
    fails(books, DUE, hard=True)
    fire(books, midnight(2026, 3, 7))
    said(books)
    return books


def opened(books: Books) -> PeriodOpened:
    event = books.events[-1]
    assert isinstance(event, PeriodOpened)
    return event


def test_each_failure_says_what_comes_next() -> None:
    books = billed()

    fails(books, DUE)

    failed = books.events[-1]
    assert isinstance(failed, PaymentFailed)
    assert not failed.final
    standing = failed.said.standing
    assert (standing.status, standing.next_attempt_at, standing.grace_until) == (
        StandingStatus.RETRYING,
        midnight(2026, 3, 1),
        midnight(2026, 3, 7),
    )


def test_a_retry_that_succeeds_keeps_the_billing_day() -> None:
    books = billed()
    fails(books, DUE)
    fire(books, midnight(2026, 3, 3))

    succeeds(books, midnight(2026, 3, 3))

    assert opened(books).period.start == midnight(2026, 2, 28)
    assert opened(books).anchor_on is None
    assert opened(books).said.standing.status is StandingStatus.CURRENT


def test_a_payment_after_the_end_of_grace_moves_the_billing_day() -> None:
    books = exhausted()
    paid_at = midnight(2026, 3, 20) + timedelta(hours=15)

    change_method(books, OTHER, paid_at, "customer:cus_1", may_charge=True)
    succeeds(books, paid_at)

    assert opened(books).anchor_on == paid_at.date()
    assert (opened(books).period.start, opened(books).period.end) == (
        paid_at,
        midnight(2026, 4, 20),
    )
    assert books.contract.renews_at == midnight(2026, 4, 20)


def test_a_late_success_of_what_was_given_up_settles_the_invoice() -> None:
    books = billed()
    attempt = sent(books)
    note_failure(books, attempt.id, "gateway_unreachable", DUE, hard=False)

    note_success(books, attempt.id, charged(attempt), midnight(2026, 3, 10))

    assert newest(books).status is InvoiceStatus.PAID
    assert books.standing.status is StandingStatus.CURRENT


def test_a_late_success_calls_off_the_attempt_that_followed_it() -> None:
    books = billed()
    first = sent(books)
    note_failure(books, first.id, "gateway_unreachable", DUE, hard=False)
    fire(books, midnight(2026, 3, 1))
    second = pending(books)

    note_success(books, first.id, charged(first), midnight(2026, 3, 1))

    assert second.state is AttemptState.CALLED_OFF
    assert not books.refunds


def test_two_successes_for_one_invoice_leave_one_paid_and_one_given_back() -> None:
    books = billed()
    first = sent(books)
    note_failure(books, first.id, "gateway_unreachable", DUE, hard=False)
    fire(books, midnight(2026, 3, 1))
    second = sent(books)

    succeeds(books, midnight(2026, 3, 1), second)
    note_success(books, first.id, charged(first), midnight(2026, 3, 1))

    [refund] = books.refunds
    assert refund.reference == charged(first).reference
    assert newest(books).status is InvoiceStatus.PAID


def test_a_failure_after_a_success_is_ignored() -> None:
    books = billed()
    attempt = pending(books)
    succeeds(books, DUE)
    said(books)

    note_failure(books, attempt.id, "declined", DUE, hard=True)

    assert said(books) == []
    assert attempt.state is AttemptState.SUCCEEDED


def test_the_same_answer_twice_counts_once() -> None:
    books = billed()
    attempt = pending(books)
    succeeds(books, DUE)
    postings = len(books.postings)
    said(books)

    succeeds(books, DUE, attempt)

    assert said(books) == []
    assert len(books.postings) == postings


def test_another_amount_than_was_asked_for_is_left_to_a_person() -> None:
    books = billed()
    attempt = sent(books)

    note_success(books, attempt.id, charged(attempt, 1), DUE)

    assert attempt.state is AttemptState.NEEDS_REVIEW
    assert newest(books).is_open


def test_a_method_brought_while_the_old_one_is_tried_is_tried_when_that_fails() -> None:
    books = billed()
    attempt = sent(books)
    change_method(books, OTHER, DUE, "customer:cus_1", may_charge=True)

    note_failure(books, attempt.id, "declined", DUE, hard=True)

    assert (pending(books).method, pending(books).trigger) == (OTHER, "extra")


def test_a_method_brought_before_the_charge_left_is_the_one_that_is_charged() -> None:
    books = billed()

    change_method(books, OTHER, DUE, "customer:cus_1", may_charge=True)

    assert (pending(books).method, pending(books).n) == (OTHER, 1)


def test_grace_ends_in_a_suspension_once() -> None:
    books = exhausted()

    fire(books, midnight(2026, 3, 8))

    assert books.standing.status is StandingStatus.EXHAUSTED
    assert said(books) == []


def test_nothing_is_tried_while_something_is_under_way() -> None:
    books = billed()

    with pytest.raises(PaymentUnderWay):
        pay_by_hand(books, newest(books).id, 0, DUE, "operator:op_1")


def test_what_is_not_there_cannot_be_paid() -> None:
    with pytest.raises(InvoiceUnknown):
        pay_by_hand(billed(), InvoiceId("inv_other"), 0, DUE, "operator:op_1")
