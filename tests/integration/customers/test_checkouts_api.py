"""Lists, checkouts, and the walls around both."""

import pytest

from tests.integration.customers.platform import Customers, Partner, a_checkout


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/checkouts"])
async def test_a_list_shows_each_once_whatever_the_size_of_its_pages(
    shop: Customers, partner: Partner, path: str
) -> None:
    for n in range(7):
        await shop.upstream(a_checkout(str(n)))

    seen: list[str] = []
    after, pages = "", 0
    while True:
        page = (await shop.get(f"{path}?limit=3{after}", partner.key)).json()
        seen += [each["id"] for each in page["data"]]
        pages += 1
        if not page["has_more"]:
            break
        after = f"&starting_after={seen[-1]}"

    assert (len(seen), len(set(seen)), pages) == (7, 7, 3)


async def test_a_checkout_is_shown_with_what_became_of_it(
    shop: Customers, partner: Partner
) -> None:
    await shop.upstream(a_checkout("1"), a_checkout("2", currency="QQQ", metadata={"note": "x"}))

    [rejected] = (await shop.get("/v1/checkouts?status=rejected", partner.key)).json()["data"]
    [accepted] = (await shop.get("/v1/checkouts?checkout_id=shop-1", partner.key)).json()["data"]
    shown = await shop.get(f"/v1/checkouts/{rejected['id']}", partner.key)

    assert shown.json() == rejected
    assert (rejected["checkout_id"], rejected["rejection"]["code"]) == (
        "shop-2",
        "unknown_currency",
    )
    assert (rejected["metadata"], accepted["rejection"]) == ({"note": "x"}, None)
    assert (accepted["status"], accepted["subscription_id"]) == ("accepted", None)
    of_person = await shop.get(f"/v1/checkouts?customer_id={accepted['customer_id']}", partner.key)
    assert [each["id"] for each in of_person.json()["data"]] == [accepted["id"]]


async def test_another_partner_sees_and_changes_nothing(shop: Customers, partner: Partner) -> None:
    await shop.upstream(a_checkout())
    [account] = (await shop.get("/v1/customers", partner.key)).json()["data"]
    [checkout] = (await shop.get("/v1/checkouts", partner.key)).json()["data"]
    stranger = await shop.partner()

    answers = [
        await shop.get(f"/v1/customers/{account['id']}", stranger.key),
        await shop.patch(f"/v1/customers/{account['id']}", {"name": "Mine"}, stranger.key),
        await shop.get(f"/v1/checkouts/{checkout['id']}", stranger.key),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404]
    for path in ("/v1/customers", "/v1/checkouts"):
        assert (await shop.get(path, stranger.key)).json()["data"] == []
    assert await shop.said("customer.updated") == []


READ = ["/v1/partner", "/v1/sources", "/v1/api_keys", "/v1/operators", "/v1/test_clocks"]


@pytest.mark.parametrize("path", [*READ, "/v1/customers", "/v1/checkouts", "/v1/customers/cus_1"])
@pytest.mark.parametrize(
    "key",
    [
        "",
        "sk_live_unknown",
        "sk_test_unknown",
        "a.b.c",
        "no token",
        # Its header names a key that cannot even be looked for: {"kid":"\\u0000"}.
        "eyJraWQiOiJcdTAwMDAifQ.e30.x",
    ],
)
async def test_nothing_is_shown_to_whoever_proves_nothing(
    customers: Customers, path: str, key: str
) -> None:
    answer = await customers.get(path, key)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers/%00",
        "/v1/customers?reference=%00",
        "/v1/customers?email=a%00@b.org",
        "/v1/customers?limit=0",
        "/v1/customers?limit=101",
        "/v1/customers?starting_after=%00",
        "/v1/checkouts?checkout_id=%00",
        "/v1/checkouts?status=imagined",
        "/v1/checkouts/%F0%9F%99%82",
    ],
)
async def test_an_odd_question_is_refused_and_breaks_nothing(
    customers: Customers, partner: Partner, path: str
) -> None:
    answer = await customers.get(path, partner.key)

    assert (answer.status_code, answer.json()["code"]) in {
        (422, "invalid_request"),
        (422, "control_character"),
        (422, "invalid_email"),
    }
