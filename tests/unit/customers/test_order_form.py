from dataclasses import replace
from typing import Any

import pytest

from services.customers.domain.order_form import (
    LARGEST_AMOUNT,
    OrderedItem,
    OrderForm,
    Payment,
    require_sound_order,
)
from services.customers.domain.rejection import Rejection
from shared.errors import Invalid
from tests.unit.customers.stories import an_order

METHOD = Payment(status="method", gateway="cards", method_ref="pm_1")
CAPTURED = Payment(status="captured", gateway="cards", reference="ch_1", amount_minor=1299)


def items(*changes: dict[str, Any]) -> OrderForm:
    return an_order(items=tuple(OrderedItem(**{"product": "tv", **each}) for each in changes))


def paid(payment: Payment, **changes: Any) -> OrderForm:
    return an_order(payment=replace(payment, **changes))


def fault_of(form: OrderForm) -> Rejection | None:
    try:
        require_sound_order(form)
    except Invalid as fault:
        return Rejection.of(fault)
    return None


@pytest.mark.parametrize(
    "form",
    [
        an_order(),
        an_order(items=()),
        items({"quantity": 3, "unit_price_minor": 0}),
        items({"unit_price_minor": LARGEST_AMOUNT}),
        items({"product": "tv"}, {"product": "radio"}),
        items({"configuration": {"region": "eu", "limits": [1, 2.5, None, True]}}),
        paid(METHOD),
        paid(CAPTURED, gateway=None),
        paid(CAPTURED, amount_minor=0),
        an_order(payment=Payment(status="none")),
        an_order(metadata={"k" * 40: "v" * 500}),
        an_order(currency="KWD", payment=replace(CAPTURED, currency="KWD")),
    ],
)
def test_a_sound_order_has_no_fault(form: OrderForm) -> None:
    assert fault_of(form) is None


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        (an_order(currency="QQQ"), "unknown_currency", "currency"),
        (an_order(currency="XAU"), "unknown_currency", "currency"),
        (an_order(offer="tv\x00"), "control_character", "offer"),
        (items({"quantity": 0}), "invalid_quantity", "items.0.quantity"),
        (items({"quantity": -1}), "invalid_quantity", "items.0.quantity"),
        (items({"quantity": 100_001}), "invalid_quantity", "items.0.quantity"),
        (items({}, {}), "duplicate_product", "items.1.product"),
        (items({"product": "a\nb"}), "control_character", "items.0.product"),
        (items({"unit_price_minor": -1}), "negative_amount", "items.0.unit_price_minor"),
        (items({"unit_price_minor": 10**15 + 1}), "amount_too_large", "items.0.unit_price_minor"),
        (items({"unit_price_minor": 10**300}), "amount_too_large", "items.0.unit_price_minor"),
        (
            items({"unit_price_minor": 10**15, "quantity": 2}),
            "amount_too_large",
            "items.0.unit_price_minor",
        ),
        (
            items({"unit_price_minor": 10**15}, {"product": "radio", "unit_price_minor": 1}),
            "amount_too_large",
            "items.1.unit_price_minor",
        ),
        (
            items({"configuration": {"a": ["\x00"]}}),
            "control_character",
            "items.0.configuration.a.0",
        ),
        (
            items({"configuration": {"a\x00": 1}}),
            "control_character",
            "items.0.configuration",
        ),
        (
            items({"configuration": {"a": "x" * 17_000}}),
            "configuration_too_large",
            "items.0.configuration",
        ),
        (paid(CAPTURED, reference=None), "payment_incomplete", "payment.reference"),
        (paid(CAPTURED, amount_minor=None), "payment_incomplete", "payment.amount_minor"),
        (paid(CAPTURED, currency="USD"), "currencies_differ", "payment.currency"),
        (paid(CAPTURED, amount_minor=-1), "negative_amount", "payment.amount_minor"),
        (paid(CAPTURED, amount_minor=10**16), "amount_too_large", "payment.amount_minor"),
        (paid(CAPTURED, reference="ch\x07"), "control_character", "payment.reference"),
        (paid(METHOD, method_ref=None), "payment_incomplete", "payment.method_ref"),
        (paid(METHOD, gateway="c\r\nards"), "control_character", "payment.gateway"),
        (an_order(metadata={"k" * 41: "v"}), "metadata_too_long", "metadata." + "k" * 40),
        (an_order(metadata={"k": "v" * 501}), "metadata_too_long", "metadata.k"),
        (an_order(metadata={"k\x00": "v"}), "control_character", "metadata"),
        (an_order(metadata={"k": "v\x1b"}), "control_character", "metadata.k"),
    ],
)
def test_a_faulty_order_names_the_field_and_the_way_out(
    form: OrderForm, code: str, field: str
) -> None:
    fault = fault_of(form)

    assert fault is not None
    assert (fault.code, fault.field) == (code, field)
    assert fault.message
    assert fault.way_out.endswith(".")


def test_what_is_kept_of_a_refused_order_can_be_stored() -> None:
    form = an_order(
        offer="a\x00b",
        items=(OrderedItem(product="\x01", configuration={"k\x00": ["\x00", 1]}),),
        payment=replace(CAPTURED, reference="ch\x00"),
        metadata={"m\x00": "\x1f"},
    )

    kept = form.made_plain()

    assert "\x00" not in repr(kept)
    assert fault_of(kept) is None
    assert kept.payment.reference == "ch\ufffd"
