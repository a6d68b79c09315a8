"""How a subscription gets its first period: by trial, for free, or by money."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.collection import collect
from services.billing.domain.contract import Method
from services.billing.domain.events import OpenedBy, Payless, PaymentFailed
from services.billing.domain.invoice import InvoiceId
from services.billing.domain.ledger import received
from services.billing.domain.payment_attempt import AttemptState, attempt
from services.billing.domain.refund import refund_of_capture
from services.billing.domain.renewal import issue
from services.billing.domain.schedule import Schedule
from services.billing.domain.settlement import pay
from services.billing.domain.verification import Verification, VerificationState
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class CheckoutMoney:
    """How the checkout says it was paid."""

    status: Literal["captured", "method", "none"]
    gateway: str
    reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    method_ref: str | None = None


def begin(books: Books, money: CheckoutMoney, at: datetime, *, is_ours: bool = True) -> None:
    """The subscription exists. Of a checkout that was rejected meanwhile nothing is charged.

    `is_ours`: no other checkout came with the same reference before.

    Source: docs/semantics.md B10.14.
    """
    contract = books.contract
    if money.method_ref is not None:
        contract.method = Method(money.gateway, money.method_ref)
    if contract.is_over:
        return
    if contract.terms.trial_days or not contract.terms.total_minor:
        _open_unpaid(books, "trial" if contract.terms.trial_days else "free", at)
        if is_ours:
            _give_back_undue(books, money)
    elif money.status == "captured":
        _ask_for_proof(books, money, at, is_ours=is_ours)
    else:
        charge_first(books, at)


def charge_first(books: Books, at: datetime) -> None:
    """Invoice and charge the first period, or say that there is nothing to charge."""
    contract = books.contract
    if contract.method is None:
        _refuse(books, None, "no_method", at, final=False)
        return
    _issue_first(books, at)
    collect(books, "first", at)


def confirm(books: Books, charge: Charge, at: datetime, actor: str) -> None:
    """The gateway has shown the money that the checkout captured: nothing is charged again."""
    asked = books.verification
    if asked is None or asked.state is not VerificationState.ASKED:
        return
    if not asked.is_proven_by(charge):
        refuse(books, at)
        return
    asked.state = VerificationState.CONFIRMED
    invoice = books.invoices.touch(_issue_first(books, at))
    method = books.contract.method or Method(asked.gateway, "")
    paid = attempt(invoice, Method(asked.gateway, method.ref), "captured", actor, at)
    paid.state, paid.reference = AttemptState.SUCCEEDED, asked.reference
    books.attempts.add(paid.id, paid)
    books.postings.append(received(invoice, paid.key))
    pay(books, invoice, paid, at)


def refuse(books: Books, at: datetime) -> None:
    """What was said to be captured is not there, or not in full; the checkout will be rejected."""
    asked = books.verification
    if asked is None or asked.state is not VerificationState.ASKED:
        return
    asked.state = VerificationState.REFUSED
    _refuse(books, asked.reference, "not_captured", at, final=True)


def _ask_for_proof(books: Books, money: CheckoutMoney, at: datetime, *, is_ours: bool) -> None:
    terms = books.contract.terms
    if money.reference is None:
        _refuse(books, None, "not_captured", at, final=True)
    elif not is_ours:
        _refuse(books, money.reference, "reference_taken", at, final=True)
    else:
        books.verification = Verification(
            partner_id=books.contract.partner_id,
            subscription_id=books.contract.subscription_id,
            gateway=money.gateway,
            reference=money.reference,
            amount_minor=terms.total_minor,
            currency=terms.currency,
            asked_at=at,
        )


def _open_unpaid(books: Books, by: OpenedBy, at: datetime) -> None:
    terms = books.contract.terms
    schedule = Schedule.first(at, terms.trial_days, terms.zone, terms.interval)
    books.contract.schedule = schedule
    books.note_opened(schedule.running_from(at, 0), by)
    books.say_opened(at, "first_period")


def _give_back_undue(books: Books, money: CheckoutMoney) -> None:
    """Whatever the checkout says of its amount, there is no period for it to pay."""
    if money.status != "captured" or money.reference is None:
        return
    contract = books.contract
    books.refunds.append(
        refund_of_capture(
            contract.partner_id,
            contract.checkout_id,
            money.gateway,
            money.reference,
            "not_due",
            subscription_id=contract.subscription_id,
        )
    )


def _issue_first(books: Books, at: datetime) -> InvoiceId:
    """Its dates are those of a start now; the period that is opened in the end has the true ones."""
    terms = books.contract.terms
    schedule = Schedule.first(at, terms.trial_days, terms.zone, terms.interval)
    return issue(books, schedule.running_from(at, books.next_no), at, at, "first_period").id


def _refuse(books: Books, reference: str | None, code: str, at: datetime, *, final: bool) -> None:
    terms, method = books.contract.terms, books.contract.method
    payless = Payless(
        new_id("pay"),
        None,
        terms.total_minor,
        terms.currency,
        method.gateway if method else "",
        reference,
    )
    books.say(
        partial(PaymentFailed, payment=payless, code=code, hard=final, final=final),
        at,
        "payment_failed",
        code,
    )
