"""Checkouts that are understood: accepted, rejected with the reason, or known already."""

import asyncio

from shared.ids import derived_id
from tests.integration.customers.platform import (
    FROZEN,
    SHOP,
    Customers,
    Partner,
    a_checkout,
)

OURS = ("checkout.accepted", "checkout.rejected", "customer.created", "customer.updated")


async def test_a_sound_checkout_makes_a_customer_and_is_accepted(
    customers: Customers, partner: Partner
) -> None:
    await customers.upstream(a_checkout())

    created, accepted = await customers.outbox(*OURS)
    customer, checkout = created["customer"], accepted["checkout"]
    assert (created["type"], accepted["type"]) == ("customer.created", "checkout.accepted")
    assert checkout == {
        "partner_id": partner.id,
        "version": 1,
        "id": derived_id("chk", partner.id, "shop-1"),
        "reference": "shop-1",
        "source": SHOP,
        "status": "accepted",
        "customer_id": customer["id"],
        "offer": "tv-basic",
        "currency": "EUR",
        "items": [],
        "timezone": "Europe/Berlin",
        "price_trusted": False,
        "payment": {
            "status": "captured",
            "gateway": "cards",
            "reference": "ch_1",
            "amount_minor": 1299,
            "currency": "EUR",
            "method_ref": None,
        },
        "subscription_id": None,
    }
    assert (customer["external_reference"], customer["email"]) == ("user-1", "1@example.org")
    assert accepted["change"]["at"].startswith(FROZEN[:19])
    assert accepted["change"]["actor"].startswith("upstream:src_")


async def test_the_same_checkout_again_changes_nothing(shop: Customers) -> None:
    first = shop.record(a_checkout(), event_id="evt-1")
    await shop.deliver(first)

    await shop.deliver(first)
    await shop.upstream(a_checkout(), a_checkout())

    assert await shop.said(*OURS) == ["customer.created", "checkout.accepted"]
    assert await shop.letters() == []


async def test_a_checkout_id_with_other_content_is_a_dead_letter(shop: Customers) -> None:
    await shop.upstream(a_checkout(), a_checkout(offer="tv-large"))
    await shop.upstream(a_checkout(currency="USD"))

    assert await shop.letters() == [("dead", "checkout_reused")] * 2
    [accepted] = await shop.outbox("checkout.accepted")
    assert accepted["checkout"]["offer"] == "tv-basic"


async def test_an_event_id_with_other_content_is_a_dead_letter(shop: Customers) -> None:
    await shop.deliver(shop.record(a_checkout("1"), event_id="evt-1"))
    await shop.deliver(shop.record(a_checkout("2"), event_id="evt-1"))

    assert await shop.letters() == [("dead", "id_reused")]
    assert await shop.said("checkout.accepted") == ["checkout.accepted"]


async def test_spelling_the_same_content_otherwise_is_the_same_content(shop: Customers) -> None:
    body = a_checkout(metadata={"a": "1", "b": "2"})
    await shop.upstream(body)

    await shop.upstream(
        {name: body[name] for name in reversed(body)}
        | {"metadata": {"b": "2", "a": "1"}, "items": []}
    )

    assert await shop.letters() == []
    assert await shop.said("checkout.accepted") == ["checkout.accepted"]


async def test_two_partners_may_use_one_checkout_id(customers: Customers, partner: Partner) -> None:
    other = await customers.partner()
    await customers.shop(other, "https://other.example")

    await customers.deliver(
        customers.record(a_checkout()),
        customers.record(a_checkout(offer="radio"), source="https://other.example"),
    )

    told = await customers.outbox("checkout.accepted")
    assert {(each["checkout"]["partner_id"], each["checkout"]["offer"]) for each in told} == {
        (partner.id, "tv-basic"),
        (other.id, "radio"),
    }


async def test_prices_are_trusted_from_a_trusted_source_alone(
    customers: Customers, partner: Partner
) -> None:
    await customers.shop(partner, "urn:desk", trusted_for_prices=True)

    await customers.deliver(
        customers.record(a_checkout("1")), customers.record(a_checkout("2"), source="urn:desk")
    )

    told = await customers.outbox("checkout.accepted")
    assert [each["checkout"]["price_trusted"] for each in told] == [False, True]


async def test_sound_and_wrong_ones_of_one_poll_do_not_disturb_each_other(shop: Customers) -> None:
    bodies = [a_checkout(str(n), **({} if n % 3 else {"currency": "QQQ"})) for n in range(60)]

    await shop.upstream(*bodies)

    said = await shop.said(*OURS)
    assert said.count("checkout.accepted") == 40
    assert said.count("checkout.rejected") == 20
    assert said.count("customer.created") == 60


async def test_two_replicas_that_get_one_checkout_take_it_in_once(
    shop: Customers, replica: Customers
) -> None:
    for n in range(10):
        body = a_checkout(str(n))
        await asyncio.gather(shop.upstream(body), replica.upstream(body))

    said = await shop.said(*OURS)
    assert (said.count("customer.created"), said.count("checkout.accepted")) == (10, 10)
    assert await shop.letters() == []


async def test_two_replicas_that_get_one_id_with_two_contents_take_one_in(
    shop: Customers, replica: Customers
) -> None:
    for n in range(10):
        await asyncio.gather(
            shop.upstream(a_checkout(str(n))),
            replica.upstream(a_checkout(str(n), offer="radio")),
        )

    assert await shop.said("checkout.accepted") == ["checkout.accepted"] * 10
    assert await shop.letters() == [("dead", "checkout_reused")] * 10
