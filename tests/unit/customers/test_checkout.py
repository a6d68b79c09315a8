from datetime import timedelta
from itertools import permutations

import pytest

from services.customers.domain.checkout import (
    Checkout,
    CheckoutAccepted,
    CheckoutRejected,
    CheckoutStatus,
)
from services.customers.domain.order_form import Payment
from services.customers.domain.rejection import Rejection
from tests.unit.customers.stories import NOW, a_checkout, an_order

LATER = NOW + timedelta(hours=23)
UNPAID = Rejection.of_ending("payment_not_received")


def accepted() -> Checkout:
    checkout = a_checkout()
    checkout.accept(NOW)
    return checkout


def test_accepting_is_told_with_all_that_a_subscription_is_made_of() -> None:
    checkout = a_checkout()

    events = checkout.accept(NOW)

    assert events == [CheckoutAccepted(checkout, NOW)]
    assert (checkout.status, checkout.version) == (CheckoutStatus.ACCEPTED, 1)


def test_rejecting_at_the_door_is_told_with_the_payment() -> None:
    checkout = a_checkout()

    events = checkout.reject(UNPAID, NOW)

    assert events == [CheckoutRejected(checkout, UNPAID, NOW)]
    assert (checkout.status, checkout.ended_at) == (CheckoutStatus.REJECTED, NOW)
    assert checkout.payment.reference == "ch_1"


def test_an_accepted_checkout_can_come_to_nothing() -> None:
    checkout = accepted()

    events = checkout.reject(UNPAID, LATER, "sub_1")

    assert events == [CheckoutRejected(checkout, UNPAID, LATER)]
    assert (checkout.version, checkout.subscription_id) == (2, "sub_1")


def test_fulfilment_is_remembered_and_not_told() -> None:
    checkout = accepted()

    assert checkout.fulfil("sub_1", LATER)

    assert (checkout.status, checkout.version) == (CheckoutStatus.FULFILLED, 1)


@pytest.mark.parametrize("words", list(permutations(["fulfil", "reject", "reject"])))
def test_a_checkout_ends_once_whatever_is_said_later(words: tuple[str, ...]) -> None:
    checkout = accepted()
    told = []

    for word in words:
        if word == "fulfil":
            checkout.fulfil("sub_1", LATER)
        else:
            told += checkout.reject(UNPAID, LATER)

    expected = CheckoutStatus.FULFILLED if words[0] == "fulfil" else CheckoutStatus.REJECTED
    assert checkout.status is expected
    assert len(told) == (1 if expected is CheckoutStatus.REJECTED else 0)


def test_an_amount_without_a_currency_is_in_the_orders() -> None:
    payment = Payment(status="captured", reference="ch_1", amount_minor=1299)

    checkout = a_checkout(an_order(payment=payment))

    assert (checkout.payment.currency, checkout.payment.gateway) == ("EUR", "cards")


def test_no_payment_stays_no_payment() -> None:
    checkout = a_checkout(an_order(payment=Payment(status="none")))

    assert checkout.payment == Payment(status="none")


@pytest.mark.parametrize(
    "reason",
    [
        "payment_not_received",
        "reference_taken",
        "not_captured",
        "provisioning_failed",
        "other",
        None,
    ],
)
def test_every_ending_has_words_and_a_way_out(reason: str | None) -> None:
    rejection = Rejection.of_ending(reason)

    assert rejection.code == (reason or "canceled")
    assert rejection.message
    assert rejection.way_out.endswith(".")
