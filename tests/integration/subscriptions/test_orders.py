"""Accepted checkouts: each is answered once, with a subscription or with what is wrong with it."""

import asyncio
from typing import Any

import pytest

from services.subscriptions.domain.order import order_of
from shared.contracts.customers import OrderedItem
from shared.contracts.event import CheckoutPayment
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import HOSTING, JANUARY_31, Subscriptions

CAPTURED = CheckoutPayment(
    status="captured", gateway="cards", reference="ch_1", amount_minor=1, currency="EUR"
)
CREATED = "subscription.created"
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"offer": "nothing"}, "offer_unknown", "offer"),
    ({"currency": "USD"}, "currency_not_priced", "currency"),
    ({"items": [OrderedItem(product="x", quantity=1)]}, "product_unknown", "items.0.product"),
    (
        {"items": [OrderedItem(product="space", quantity=0)]},
        "quantity_out_of_range",
        "items.0.quantity",
    ),
    (
        {"items": [OrderedItem(product="space", quantity=1, unit_price_minor=1)]},
        "price_not_trusted",
        "items.0.unit_price_minor",
    ),
    ({"payment": CAPTURED}, "captured_amount_differs", "payment.amount_minor"),
    ({"timezone": "Mars/Base"}, "unknown_zone", "timezone"),
]


@pytest.mark.parametrize(("told", "code", "field"), WRONG, ids=[each[1] for each in WRONG])
async def test_a_wrong_order_is_refused_with_the_field_and_the_way_out(
    subscriptions: Subscriptions, told: dict[str, Any], code: str, field: str
) -> None:
    await subscriptions.hear(events.accepted("wrong", JANUARY_31, **told))

    order = order_of(events.SHOP, "chk_wrong")
    [refused] = await subscriptions.told(order)
    assert (refused["topic"], refused["version"], refused["key"]) == (
        "order.refused",
        1,
        "chk_wrong",
    )
    refusal = refused["body"]["refusal"]
    assert (refusal["code"], refusal["field"]) == (code, field)
    assert refusal["message"]
    assert refusal["way_out"]
    assert await subscriptions.rows("select id from subscriptions") == []
    assert [each["status"] for each in await subscriptions.rows("select status from orders")] == [
        "refused"
    ]


async def test_right_and_wrong_ones_of_a_poll_do_not_harm_each_other(
    subscriptions: Subscriptions,
) -> None:
    offers = ["nothing" if n % 3 == 0 else "hosting" for n in range(30)]

    await subscriptions.hear(
        *(events.accepted(str(n), JANUARY_31, offer=offer) for n, offer in enumerate(offers))
    )

    rows = await subscriptions.rows("select topic, count(*) as n from outbox group by topic")
    counts = {row["topic"]: row["n"] for row in rows}
    assert counts["subscription.created"] == 20
    assert counts["order.refused"] == 10


async def test_a_checkout_that_comes_again_in_another_event_makes_nothing_new(
    subscriptions: Subscriptions,
) -> None:
    one, again = events.accepted("1", JANUARY_31), events.accepted("1", JANUARY_31)
    third = events.accepted("1", JANUARY_31)

    await subscriptions.hear(one, again)
    await subscriptions.hear(third)

    assert await subscriptions.topics(events.subscription_id("1")) == ["subscription.created"]


async def test_two_replicas_with_the_same_checkouts_make_each_subscription_once(
    subscriptions: Subscriptions, replica: Subscriptions
) -> None:
    names = [str(n) for n in range(40)]
    one = [events.accepted(name, JANUARY_31) for name in names]
    other = [events.accepted(name, JANUARY_31) for name in reversed(names)]

    await asyncio.gather(subscriptions.hear(*one), replica.hear(*other), replica.hear(*one))

    rows = await subscriptions.rows("select subject from outbox where topic = $1", CREATED)
    assert len(rows) == len({row["subject"] for row in rows}) == 40
    assert await subscriptions.rows("select 1 from parked") == []


async def test_a_configuration_must_fit_the_schema_of_its_product(
    subscriptions: Subscriptions,
) -> None:
    product = {
        "code": "space",
        "name": "Web space",
        "prices_minor": {"EUR": 1000},
        "configuration_schema": {
            "type": "object",
            "properties": {"region": {"enum": ["eu", "us"]}},
            "required": ["region"],
            "additionalProperties": False,
        },
    }
    await subscriptions.sell(HOSTING, code="regional", products=[product])
    fitting = OrderedItem(product="space", quantity=1, configuration={"region": "eu"})
    misfit = OrderedItem(product="space", quantity=1, configuration={"region": "moon"})

    await subscriptions.hear(
        events.accepted("fits", JANUARY_31, offer="regional", items=[fitting]),
        events.accepted("misfit", JANUARY_31, offer="regional", items=[misfit]),
    )

    [created] = await subscriptions.told(events.subscription_id("fits"))
    assert created["body"]["subscription"]["items"][0]["configuration"] == {"region": "eu"}
    [refused] = await subscriptions.told(order_of(events.SHOP, "chk_misfit"))
    assert refused["body"]["refusal"]["field"] == "items.0.configuration.region"


async def test_a_character_that_no_database_keeps_is_refused_and_stops_nobody(
    subscriptions: Subscriptions,
) -> None:
    hostile = OrderedItem(product="space", quantity=1, configuration={"a": ["\x00"]})

    await subscriptions.hear(
        events.accepted("hostile", JANUARY_31, items=[hostile]), events.accepted("1", JANUARY_31)
    )

    [refused] = await subscriptions.told(order_of(events.SHOP, "chk_hostile"))
    assert refused["body"]["refusal"]["code"] == "configuration_misfit"
    assert await subscriptions.topics(events.subscription_id("1")) == [CREATED]


async def test_a_rejected_checkout_ends_what_waits_for_its_money(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.hear(events.accepted("1", JANUARY_31))
    await subscriptions.hear(events.rejected("1", JANUARY_31, code="payment_declined"))

    canceled = (await subscriptions.told(events.subscription_id("1")))[-1]
    assert canceled["topic"] == "subscription.canceled"
    assert canceled["body"]["change"]["reason"] == "payment_declined"


async def test_a_rejection_that_overtakes_the_acceptance_leaves_no_subscription(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.hear(events.rejected("1", JANUARY_31))
    await subscriptions.hear(events.accepted("1", JANUARY_31))

    [refused] = await subscriptions.told(order_of(events.SHOP, "chk_1"))
    assert refused["body"]["refusal"]["code"] == "checkout_rejected"
    assert await subscriptions.rows("select 1 from subscriptions") == []


async def test_our_own_refusal_coming_back_as_a_rejection_changes_nothing(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.hear(events.accepted("1", JANUARY_31, offer="nothing"))
    await subscriptions.hear(events.rejected("1", JANUARY_31))

    assert await subscriptions.topics(order_of(events.SHOP, "chk_1")) == ["order.refused"]


async def test_what_runs_is_not_ended_by_a_late_rejection(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    [row] = await subscriptions.rows("select checkout_id from subscriptions where id = $1", made)

    await subscriptions.hear(events.rejected(row["checkout_id"].removeprefix("chk_"), JANUARY_31))

    assert (await subscriptions.shown(made))["status"] == "active"


async def test_the_same_checkout_of_two_partners_makes_two_subscriptions(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.hear(
        events.accepted("1", JANUARY_31), events.accepted("1", JANUARY_31, events.OTHER)
    )

    [refused] = await subscriptions.told(order_of(events.OTHER, "chk_1"))
    assert refused["body"]["refusal"]["code"] == "offer_unknown"
    assert await subscriptions.topics(events.subscription_id("1")) == [CREATED]
