from dataclasses import replace

from services.billing.domain.refund import Refund, RefundState, move, postings, refund_id
from tests.unit.billing.stories import ACME, NOW


def a_refund(*, is_booked: bool = True) -> Refund:
    return Refund(
        id=refund_id("refund/cards/ch_1"),
        key="refund/cards/ch_1",
        partner_id=ACME,
        subscription_id=None,
        checkout_id=None,
        bill_to=None,
        gateway="cards",
        reference="ch_1",
        amount_minor=1299,
        currency="EUR",
        reason="unknown_offer",
        is_booked=is_booked,
    )


def test_the_same_cause_is_the_same_refund() -> None:
    assert a_refund().id == refund_id("refund/cards/ch_1") != refund_id("refund/cards/ch_2")


def test_each_step_is_told_as_one_version() -> None:
    refund = a_refund()

    told = [
        *move(refund, RefundState.PENDING, NOW),
        *move(refund, RefundState.PENDING, NOW),
        *move(refund, RefundState.SUCCEEDED, NOW),
        *move(refund, RefundState.FAILED, NOW),
    ]

    assert [(each.refund.state, each.refund.version) for each in told] == [
        (RefundState.PENDING, 1),
        (RefundState.SUCCEEDED, 2),
    ]


def test_where_nothing_is_left_nothing_is_told() -> None:
    refund = a_refund()

    assert move(refund, RefundState.NOTHING_LEFT, NOW) == []
    assert refund.is_settled


def test_money_that_was_booked_goes_back_to_what_is_owed() -> None:
    [going] = postings(a_refund())

    assert (going.debit, going.credit, going.amount_minor) == (
        "receivable",
        "gateway_clearing",
        1299,
    )


def test_money_that_never_settled_an_invoice_comes_in_as_it_goes_out() -> None:
    coming, going = postings(a_refund(is_booked=False))

    assert (coming.debit, coming.credit) == (going.credit, going.debit)
    assert replace(coming, cause="", kind="refund", debit=going.debit, credit=going.credit) == (
        replace(going, cause="")
    )
