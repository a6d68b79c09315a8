"""Checkouts that can be read and are wrong: each says where, and how to go on."""

from typing import Any

import pytest

from tests.integration.customers.platform import Customers, a_checkout, a_person

OURS = ("checkout.accepted", "checkout.rejected", "customer.created", "customer.updated")


REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("mail", {"customer": a_person(email="nobody at home")}, "invalid_email", "customer.email"),
    (
        "two mails",
        {"customer": a_person(email="a@b.org, c@d.org")},
        "invalid_email",
        "customer.email",
    ),
    (
        "nameless",
        {"customer": a_person(name=" ")},
        "blank_text",
        "customer.name",
    ),
    (
        "bell",
        {"customer": a_person(name="\x07Ada")},
        "control_character",
        "customer.name",
    ),
    (
        "reference",
        {"customer": a_person(reference="user\x00")},
        "control_character",
        "customer.reference",
    ),
    (
        "country",
        {"customer": a_person(address={"country": "XX"})},
        "unknown_country",
        "customer.address.country",
    ),
    (
        "zone",
        {"customer": a_person(timezone="Mars/Olympus")},
        "unknown_zone",
        "customer.timezone",
    ),
    ("tongue", {"customer": a_person(language="zz")}, "unknown_language", "customer.language"),
    ("phone", {"customer": a_person(phone="none")}, "invalid_phone", "customer.phone"),
    ("offer", {"offer": "tv\x00basic"}, "control_character", "offer"),
    ("currency", {"currency": "QQQ"}, "unknown_currency", "currency"),
    (
        "other currency",
        {"currency": "USD"},
        "currencies_differ",
        "payment.currency",
    ),
    (
        "no amount",
        {"payment": {"status": "captured", "gateway": "cards", "reference": "ch_1"}},
        "payment_incomplete",
        "payment.amount_minor",
    ),
    (
        "no reference",
        {"payment": {"status": "captured", "gateway": "cards", "amount_minor": 1}},
        "payment_incomplete",
        "payment.reference",
    ),
    (
        "no method",
        {"payment": {"status": "method", "gateway": "cards"}},
        "payment_incomplete",
        "payment.method_ref",
    ),
    (
        "quantity",
        {"items": [{"product": "tv", "quantity": 0}]},
        "invalid_quantity",
        "items.0.quantity",
    ),
    (
        "twice",
        {"items": [{"product": "tv"}, {"product": "radio"}, {"product": "tv"}]},
        "duplicate_product",
        "items.2.product",
    ),
    (
        "price",
        {"items": [{"product": "tv", "unit_price_minor": -5}]},
        "negative_amount",
        "items.0.unit_price_minor",
    ),
    (
        "wealth",
        {"items": [{"product": "tv", "quantity": 1000, "unit_price_minor": 10**14}]},
        "amount_too_large",
        "items.0.unit_price_minor",
    ),
    (
        "configuration",
        {"items": [{"product": "tv", "configuration": {"region": "e\x00u"}}]},
        "control_character",
        "items.0.configuration.region",
    ),
    ("metadata", {"metadata": {"note": "x" * 501}}, "metadata_too_long", "metadata.note"),
]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [each[1:] for each in REJECTED],
    ids=[each[0] for each in REJECTED],
)
async def test_a_wrong_checkout_is_rejected_with_the_field_and_the_way_out(
    shop: Customers, changes: dict[str, Any], code: str, field: str
) -> None:
    await shop.upstream(a_checkout(**changes))

    assert await shop.letters() == []
    [rejected] = await shop.outbox("checkout.rejected")
    rejection, checkout = rejected["rejection"], rejected["checkout"]
    assert (rejection["code"], rejection["field"]) == (code, field)
    assert rejection["message"]
    assert rejection["way_out"].endswith(".")
    assert (checkout["status"], checkout["reference"], checkout["version"]) == (
        "rejected",
        "shop-1",
        1,
    )
    assert checkout["payment"]["status"] == changes.get("payment", {"status": "captured"})["status"]


async def test_a_wrong_person_leaves_no_trace_but_the_rejection(shop: Customers) -> None:
    person = a_person(email="ada@@example.org", name="Ada Unforgettable", phone="+49 30 7654321")

    await shop.upstream(a_checkout(customer=person))

    assert await shop.said(*OURS) == ["checkout.rejected"]
    assert await shop.rows("select id from customers") == []
    kept = str(await shop.rows("select * from checkouts")) + str(await shop.outbox())
    assert not [word for word in ("ada@", "Unforgettable", "7654321") if word in kept]


async def test_a_person_whose_order_is_wrong_can_still_be_told(shop: Customers) -> None:
    await shop.upstream(a_checkout(items=[{"product": "tv", "quantity": 0}]))

    created, rejected = await shop.outbox(*OURS)
    assert rejected["checkout"]["customer_id"] == created["customer"]["id"]
