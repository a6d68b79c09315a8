"""Who may see and do what over HTTP."""

from datetime import timedelta

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.clock import system_now
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import JANUARY_31, Subscriptions

CANCEL = {"at": "period_end", "reason": "too many channels"}
GIFT = {"intervals": 1, "note": "sorry for the outage"}


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


async def test_a_customer_neither_releases_himself_nor_sees_the_revenue(
    subscriptions: Subscriptions,
) -> None:
    his = await subscriptions.activated(customer_id="cus_ada")
    token = await _token_of("cus_ada", subscriptions)
    path = f"/v1/subscriptions/{his}/cancel"

    released = await subscriptions.send(
        "POST", path, {**CANCEL, "release_from_minimum_term": True}, key=token
    )
    revenue = await subscriptions.get("/v1/metrics/mrr", token)

    assert [released.status_code, revenue.status_code] == [403, 403]
    assert (await subscriptions.shown(his))["ends_at"] is None


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
