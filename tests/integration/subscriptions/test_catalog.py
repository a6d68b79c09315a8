"""Publishing offers over HTTP."""

from typing import Any

import pytest

from tests.integration.subscriptions.at_work import HOSTING, Subscriptions


async def test_an_offer_is_published_once_and_again_only_when_it_changes(
    subscriptions: Subscriptions,
) -> None:
    again = await subscriptions.sell(HOSTING)
    changed = await subscriptions.sell(HOSTING, name="Better hosting")

    assert (again["version"], changed["version"]) == (1, 2)
    published = await subscriptions.told(again["id"])
    assert [(each["topic"], each["version"]) for each in published] == [
        ("offer.published", 1),
        ("offer.published", 2),
    ]
    assert (await subscriptions.get("/v1/offers/hosting")).json() == changed


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"code": "a b"}, "code"),
        ({"name": " "}, "name"),
        ({"products": []}, "products"),
        ({"trial_days": 731}, "trial_days"),
        ({"trial_days": -1}, "trial_days"),
        ({"interval": {"unit": "fortnight"}}, "interval.unit"),
        ({"prices": {}}, "prices"),
        (
            {"products": [{"code": "a", "name": "A", "prices_minor": {"EUR": -1}}]},
            "products.0.prices_minor.EUR",
        ),
        ({"products": [{"code": "a", "name": "A", "prices_minor": {"EURO": 1}}]}, "currency"),
        ({"products": [{"code": "a", "name": "A", "prices_minor": {}}]}, "products.0.prices_minor"),
        (
            {
                "products": [
                    {
                        "code": "a",
                        "name": "A",
                        "prices_minor": {"EUR": 1},
                        "configuration_schema": {"type": "nonsense"},
                    }
                ]
            },
            "products.0.configuration_schema.type",
        ),
    ],
)
async def test_an_offer_that_cannot_be_sold_names_the_field_and_changes_nothing(
    subscriptions: Subscriptions, changes: dict[str, Any], param: str
) -> None:
    answer = await subscriptions.send("POST", "/v1/offers", {**HOSTING, **changes})

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["param"] == param
    assert answer.json()["way_out"]
    [row] = await subscriptions.rows("select count(*) as n from outbox")
    assert row["n"] == 1


async def test_what_is_sold_before_keeps_its_price(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    product = {"code": "space", "name": "Web space", "prices_minor": {"EUR": 9900}}

    await subscriptions.sell(HOSTING, products=[product])

    shown = await subscriptions.shown(made)
    assert [each["unit_price_minor"] for each in shown["items"]] == [1000, 250]
    assert shown["amount_minor"] == 1250
