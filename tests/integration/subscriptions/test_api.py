"""The public HTTP API: who may ask what, and what comes of bad input."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.clock import system_now
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import (
    HOSTING,
    JANUARY_31,
    Subscriptions,
)

CANCEL = {"at": "period_end", "reason": "too many channels"}
GIFT = {"intervals": 1, "note": "sorry for the outage"}


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
        ({"products": [{"code": "a", "name": "A", "prices_minor": {"XXX": 1}}]}, "currency"),
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


async def test_a_request_sent_again_extends_once_and_answers_the_same(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/extend"

    first = await subscriptions.send("POST", path, GIFT, once="one intent")
    again = await subscriptions.send("POST", path, GIFT, once="one intent")
    other = await subscriptions.send("POST", path, GIFT, once="another intent")

    assert first.json() == again.json()
    assert first.json()["periods_granted"] == 1
    assert other.json()["periods_granted"] == 2
    extended = await subscriptions.told(made, "subscription.extended")
    assert len({each["body"]["grant_id"] for each in extended}) == len(extended) == 2


async def test_a_request_whose_answer_was_lost_in_a_crash_extends_once(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/extend"
    await subscriptions.send("POST", path, GIFT, once="one intent")

    await subscriptions.rows("delete from idempotency returning 1")
    again = await subscriptions.send("POST", path, GIFT, once="one intent")

    assert again.json()["periods_granted"] == 1


async def test_an_extension_moves_the_end_at_the_panel_too(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send(
        "POST",
        f"/v1/subscriptions/{made}/extend",
        {"until": "2027-03-10", "note": "paid at the counter", "paid_externally_minor": 500},
    )
    await subscriptions.tell_the_panel()

    assert answer.json()["next_boundary_at"] == "2027-03-09T23:00:00Z"
    [extended] = await subscriptions.told(made, "subscription.extended")
    body = extended["body"]
    assert (body["intervals"], body["until"], body["paid_externally_minor"]) == (
        0,
        "2027-03-10",
        500,
    )
    assert body["change"]["reason"] == "paid at the counter"
    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["expires_at"] == "2027-03-18T23:00:00Z"


async def test_a_second_cancellation_changes_nothing(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    first = await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    second = await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    assert first.json() == second.json()
    assert (await subscriptions.topics(made)).count("subscription.canceled") == 1


async def test_a_hold_cuts_the_account_and_lifting_it_gives_it_back(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/holds/abuse"

    held = await subscriptions.send("PUT", path, {"reason": "sends spam"})
    await subscriptions.tell_the_panel()
    cut = subscriptions.panel.account(made)
    lifted = await subscriptions.send("DELETE", path)
    await subscriptions.tell_the_panel()
    back = subscriptions.panel.account(made)

    assert (held.json()["status"], held.json()["holds"][0]["reason"]) == ("suspended", "sends spam")
    assert lifted.json()["status"] == "active"
    assert cut is not None
    assert back is not None
    assert (cut["status"], back["status"]) == ("disabled", "enabled")


async def test_an_operator_cannot_say_what_billing_says(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send(
        "PUT", f"/v1/subscriptions/{made}/holds/non_payment", {"reason": "angry"}
    )

    assert (answer.status_code, answer.json()["param"]) == (422, "kind")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("cancel", {"at": "tomorrow", "reason": "x"}, 422, "invalid_request"),
        ("cancel", {"at": "now"}, 422, "invalid_request"),
        ("cancel", {"at": "now", "reason": "\x00"}, 422, "invalid_request"),
        ("extend", {"intervals": 0, "note": "x"}, 422, "extension_empty"),
        ("extend", {"intervals": 121, "note": "x"}, 422, "intervals_out_of_range"),
        ("extend", {"intervals": -1, "note": "x"}, 422, "intervals_out_of_range"),
        ("extend", {"until": "2027-01-01", "note": "x"}, 422, "day_out_of_range"),
        ("extend", {"until": "2027-02-30", "note": "x"}, 422, "invalid_request"),
        (
            "extend",
            {"intervals": 1, "note": "x", "paid_externally_minor": -1},
            422,
            "amount_out_of_range",
        ),
        ("extend", {"intervals": 1, "note": "x", "months": 3}, 422, "invalid_request"),
    ],
)
async def test_bad_input_names_the_way_out_and_changes_nothing(
    subscriptions: Subscriptions, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["param"]
    assert answer.json()["way_out"]
    assert len(await subscriptions.topics(made)) == 2


async def test_before_its_activation_it_is_canceled_but_neither_held_nor_extended(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()
    path = f"/v1/subscriptions/{made}"

    held = await subscriptions.send("PUT", f"{path}/holds/abuse", {"reason": "x"})
    extended = await subscriptions.send("POST", f"{path}/extend", GIFT)
    canceled = await subscriptions.send("POST", f"{path}/cancel", CANCEL)

    assert held.json()["code"] == extended.json()["code"] == "subscription_not_activated"
    assert (held.status_code, extended.status_code) == (409, 409)
    assert canceled.json()["status"] == "canceled"


async def test_what_moves_money_needs_a_key(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.http.post(
        f"/v1/subscriptions/{made}/extend",
        json=GIFT,
        headers={"authorization": "Bearer sk_test_of_the_shop"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_missing")


async def test_lists_are_filtered_by_status_label_and_customer(
    subscriptions: Subscriptions,
) -> None:
    running, ending = await subscriptions.activated(), await subscriptions.activated()
    waiting = await subscriptions.created(customer_id="cus_ada")
    await subscriptions.send("POST", f"/v1/subscriptions/{ending}/cancel", CANCEL)

    async def found(query: str) -> set[str]:
        answer = await subscriptions.get(f"/v1/subscriptions?{query}")
        assert answer.status_code == 200, answer.text
        return {each["id"] for each in answer.json()["data"]}

    assert await found("") == {running, ending, waiting}
    assert await found("status=active") == {running, ending}
    assert await found("status=created&status=trialing") == {waiting}
    assert await found("view=s0&label=Active") == {running}
    assert await found("view=s0&label=Scheduled%20for%20Deletion") == {ending}
    assert await found("view=s2&label=Created") == {waiting}
    assert await found("customer_id=cus_ada") == {waiting}
    assert await found("customer_id=cus_ada&status=active") == set()


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("label=Frozen", "label"),
        ("view=s1&label=Created", "label"),
        ("status=paused", "status.0"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("starting_after=sub_nowhere", "starting_after"),
    ],
)
async def test_a_list_that_nobody_has_is_refused_with_the_parameter(
    subscriptions: Subscriptions, query: str, param: str
) -> None:
    answer = await subscriptions.get(f"/v1/subscriptions?{query}")

    assert (answer.status_code, answer.json()["param"]) == (422, param), answer.text


async def test_pages_show_each_subscription_once_the_newest_first(
    subscriptions: Subscriptions,
) -> None:
    made = []
    for minute in range(5):
        subscriptions.now = JANUARY_31 + timedelta(minutes=minute)
        await subscriptions.move_to(subscriptions.now)
        made.append(await subscriptions.created())

    seen: list[str] = []
    while True:
        after = f"&starting_after={seen[-1]}" if seen else ""
        page = (await subscriptions.get(f"/v1/subscriptions?limit=2{after}")).json()
        seen += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break

    assert seen == made[::-1]


async def test_the_history_says_what_happened_by_whom_and_why(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    first = (await subscriptions.get(f"/v1/subscriptions/{made}/history?limit=2")).json()
    rest = (
        await subscriptions.get(f"/v1/subscriptions/{made}/history?limit=2&starting_after=2")
    ).json()

    assert [each["type"] for each in first["data"] + rest["data"]] == [
        "subscription.canceled",
        "subscription.activated",
        "subscription.created",
    ]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    canceled = first["data"][0]
    assert canceled["reason"] == "too many channels"
    assert canceled["actor"].startswith("key:")
    assert rest["data"][0]["actor"] == "upstream:shop"


async def test_another_partners_subscription_does_not_exist(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    await subscriptions.hear(events.api_key("sk_test_other", JANUARY_31, events.OTHER))

    answers = [
        await subscriptions.get(f"/v1/subscriptions/{made}", "sk_test_other"),
        await subscriptions.get(f"/v1/subscriptions/{made}/history", "sk_test_other"),
        await subscriptions.send(
            "POST", f"/v1/subscriptions/{made}/cancel", CANCEL, key="sk_test_other"
        ),
        await subscriptions.get("/v1/offers/hosting", "sk_test_other"),
    ]

    assert [each.status_code for each in answers] == [404] * 4
    listed = await subscriptions.get("/v1/subscriptions", "sk_test_other")
    assert listed.json()["data"] == []
    assert (await subscriptions.shown(made))["status"] == "active"


async def test_without_the_scope_or_a_key_nothing_is_shown(subscriptions: Subscriptions) -> None:
    await subscriptions.hear(
        events.api_key("sk_test_reader", JANUARY_31, events.SHOP, "subscriptions:read")
    )
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}"

    read = await subscriptions.get(path, "sk_test_reader")
    written = await subscriptions.send("POST", f"{path}/cancel", CANCEL, key="sk_test_reader")
    unknown = await subscriptions.get(path, "sk_test_unknown")

    assert [read.status_code, written.status_code, unknown.status_code] == [200, 403, 401]


async def test_a_customer_sees_and_ends_what_is_his_and_nothing_else(
    subscriptions: Subscriptions,
) -> None:
    his = await subscriptions.activated(customer_id="cus_ada")
    hers = await subscriptions.activated(customer_id="cus_eve")
    token = await _token_of("cus_ada", subscriptions)

    listed = (await subscriptions.get("/v1/subscriptions?customer_id=cus_eve", token)).json()
    peeked = await subscriptions.get(f"/v1/subscriptions/{hers}", token)
    meddled = await subscriptions.send(
        "POST", f"/v1/subscriptions/{hers}/cancel", CANCEL, key=token
    )
    lengthened = await subscriptions.send(
        "POST", f"/v1/subscriptions/{his}/extend", GIFT, key=token
    )
    ended = await subscriptions.send("POST", f"/v1/subscriptions/{his}/cancel", CANCEL, key=token)

    assert [each["id"] for each in listed["data"]] == [his]
    assert [peeked.status_code, meddled.status_code, lengthened.status_code] == [404, 404, 403]
    assert ended.json()["ends_at"] is not None
    assert (await subscriptions.shown(hers))["ends_at"] is None


async def _token_of(customer_id: str, subscriptions: Subscriptions) -> str:
    key, now = OKPKey.generate_key("Ed25519"), system_now()
    public = key.as_dict(private=False)
    await subscriptions.hear(events.verifying_key("kid-1", public, now, now + timedelta(days=1)))
    claims = {
        "partner": events.SHOP,
        "actor": f"customer:{customer_id}",
        "kind": "customer",
        "scopes": ["subscriptions:read", "subscriptions:write"],
        "customer": customer_id,
        "exp": now.timestamp() + 300,
    }
    return jwt.encode({"alg": "Ed25519", "kid": "kid-1"}, claims, key, algorithms=["Ed25519"])
