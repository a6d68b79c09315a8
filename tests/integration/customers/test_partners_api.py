"""Partners, their sources and keys, over HTTP."""

from hashlib import sha256
from typing import Any

import pytest

from tests.integration.customers.platform import ADMIN, FROZEN, SHOP, Customers, Partner

PROFILE: dict[str, Any] = {
    "name": "Acme Television",
    "timezone": "Europe/Berlin",
    "country": "DE",
    "currency": "EUR",
    "support_email": "help@acme.example.com",
}


async def test_a_sandbox_is_opened_with_a_key_and_a_clock_of_its_own(customers: Customers) -> None:
    answer = await customers.post(
        "/v1/partners", PROFILE | {"sandbox": True, "frozen_time": FROZEN}
    )

    body = answer.json()
    assert answer.status_code == 201
    assert body["object"] == "partner"
    assert body["id"].startswith("ptn_test_")
    assert body["api_key"].startswith("sk_test_")
    assert body["test_clock"]["id"].startswith("clk_")
    assert (body["test_clock"]["now"], body["test_clock"]["status"]) == (
        "2027-01-31T12:00:00Z",
        "ready",
    )
    told = await customers.outbox("partner.changed", "clock.stepped", "api_key.changed")
    assert [each["type"] for each in told] == [
        "partner.changed",
        "clock.stepped",
        "api_key.changed",
    ]
    assert told[0]["partner"]["sandbox"] is True
    assert (told[1]["clock"]["step"], told[1]["clock"]["now"]) == (0, "2027-01-31T12:00:00Z")
    assert told[2]["api_key"]["hash"] == sha256(body["api_key"].encode()).hexdigest()
    assert told[2]["api_key"]["scopes"] == ["*"]
    assert {each["ce"]["ce_actor"] for each in told} == {"platform:administrator"}


async def test_a_live_partner_has_no_clock(customers: Customers) -> None:
    answer = await customers.post("/v1/partners", PROFILE)

    body = answer.json()
    assert body["test_clock"] is None
    assert body["api_key"].startswith("sk_live_")
    assert not body["id"].startswith("ptn_test_")
    assert await customers.said("clock.stepped") == []


async def test_the_first_key_opens_the_door_at_once(customers: Customers) -> None:
    partner = await customers.partner()

    answer = await customers.get("/v1/partner", partner.key)

    assert (answer.status_code, answer.json()["id"]) == (200, partner.id)


async def test_the_mails_of_a_partner_are_switched_at_opening_and_later(
    customers: Customers,
) -> None:
    opened = (
        await customers.post("/v1/partners", PROFILE | {"notifications_enabled": False})
    ).json()
    key = opened["api_key"]

    on = await customers.patch("/v1/partner", {"notifications_enabled": True}, key)
    again = await customers.patch("/v1/partner", {"notifications_enabled": True}, key)
    wrong = await customers.patch("/v1/partner", {"mails": False}, key)

    assert opened["notifications_enabled"] is False
    assert on.json()["notifications_enabled"] is again.json()["notifications_enabled"] is True
    assert (wrong.status_code, wrong.json()["param"]) == (422, "notifications_enabled")
    told = await customers.outbox("partner.changed")
    assert [
        (each["partner"]["version"], each["partner"]["notifications_enabled"]) for each in told
    ] == [(1, False), (2, True)]
    assert told[1]["change"]["kind"] == "switched"


@pytest.mark.parametrize("token", ["", "wrong", f"{ADMIN}x", "é"])
async def test_nobody_but_the_administrator_opens_partners(
    customers: Customers, token: str
) -> None:
    answer = await customers.http.post(
        "/v1/partners", json=PROFILE, headers=[(b"authorization", f"Bearer {token}".encode())]
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert await customers.said("partner.changed") == []


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"name": " "}, "blank_text", "name"),
        ({"name": "Acme\x00"}, "control_character", "name"),
        ({"timezone": "Mars/Olympus"}, "unknown_zone", "timezone"),
        ({"country": "XX"}, "unknown_country", "country"),
        ({"currency": "QQQ"}, "unknown_currency", "currency"),
        ({"support_email": "nobody"}, "invalid_email", "support_email"),
        ({"frozen_time": FROZEN}, "no_sandbox", "frozen_time"),
        ({"sandbox": True, "frozen_time": "1999-01-01T00:00:00Z"}, "beyond_clock", "frozen_time"),
        ({"sandbox": True, "frozen_time": "2027-01-01T00:00:00"}, "invalid_request", "frozen_time"),
        ({"surprise": 1}, "invalid_request", "surprise"),
        ({"name": None}, "invalid_request", "name"),
    ],
)
async def test_a_wrong_profile_is_refused_with_the_field_and_the_way_out(
    customers: Customers, changes: dict[str, Any], code: str, param: str
) -> None:
    answer = await customers.post("/v1/partners", PROFILE | changes)

    body = answer.json()
    assert (answer.status_code, body["code"], body["param"]) == (422, code, param)
    assert body["way_out"]
    assert await customers.rows("select id from partners") == []


async def test_a_source_is_registered_once_over_all_partners(
    customers: Customers, partner: Partner
) -> None:
    other = await customers.partner()

    answer = await customers.post("/v1/sources", {"source": SHOP}, other.key)

    assert (answer.status_code, answer.json()["code"]) == (409, "source_taken")
    assert answer.json()["way_out"]
    own = (await customers.get("/v1/sources", partner.key)).json()
    assert [each["source"] for each in own["data"]] == [SHOP]


async def test_a_signing_key_is_shown_once(customers: Customers, partner: Partner) -> None:
    made = await customers.shop(partner, "urn:signed", signing_key=True)

    listed = (await customers.get("/v1/sources?limit=1", partner.key)).json()
    rest = (
        await customers.get(f"/v1/sources?starting_after={listed['data'][0]['id']}", partner.key)
    ).json()
    assert made["signing_key"].startswith("whsec_")
    assert listed["has_more"]
    assert [each["signed"] for each in listed["data"] + rest["data"]] == [False, True]
    assert "signing_key" not in str(listed) + str(rest)


@pytest.mark.parametrize(
    ("path", "body", "listed"),
    [
        ("/v1/api_keys", {"scopes": ["sources:read"]}, 2),
        ("/v1/sources", {"source": "urn:signed", "signing_key": True}, 2),
    ],
)
async def test_a_repeat_neither_shows_a_secret_again_nor_makes_another(
    customers: Customers, partner: Partner, path: str, body: dict[str, Any], listed: int
) -> None:
    once = {"idempotency-key": "intent-1"}
    made = await customers.post(path, body, partner.key, **once)

    again = await customers.post(path, body, partner.key, **once)

    there = (await customers.get(path, partner.key)).json()["data"]
    [kept] = await customers.rows("select status, body from idempotency")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
    assert len(there) == listed
    assert dict(kept) == {"status": 201, "body": None}


async def test_a_source_that_is_no_uri_is_refused(customers: Customers, partner: Partner) -> None:
    answer = await customers.post("/v1/sources", {"source": "/perennial/billing"}, partner.key)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_source")
    assert answer.json()["param"] == "source"


async def test_an_issued_key_works_until_it_is_revoked(
    customers: Customers, partner: Partner
) -> None:
    scopes = {"scopes": ["sources:read", "customers:read"]}
    made = (await customers.post("/v1/api_keys", scopes, partner.key)).json()

    before = await customers.get("/v1/sources", made["key"])
    revoked = await customers.post(f"/v1/api_keys/{made['id']}/revoke", {}, partner.key)
    after = await customers.get("/v1/sources", made["key"])
    again = await customers.post(f"/v1/api_keys/{made['id']}/revoke", {}, partner.key)

    assert (before.status_code, after.status_code) == (200, 401)
    assert (revoked.json()["status"], again.status_code) == ("revoked", 200)
    told = [each["api_key"] for each in await customers.outbox("api_key.changed")]
    assert [(each["version"], each["status"]) for each in told if each["id"] == made["id"]] == [
        (1, "active"),
        (2, "revoked"),
    ]
    assert made["key"] not in str(await customers.rows("select * from issued_keys"))


async def test_a_key_is_good_for_its_scopes_alone(customers: Customers, partner: Partner) -> None:
    made = (await customers.post("/v1/api_keys", {"scopes": ["sources:read"]}, partner.key)).json()

    answer = await customers.post("/v1/sources", {"source": "urn:new"}, made["key"])

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_key_gives_no_more_than_it_has(customers: Customers, partner: Partner) -> None:
    clerk = (
        await customers.post("/v1/api_keys", {"scopes": ["api_keys:write"]}, partner.key)
    ).json()

    refused = await customers.post("/v1/api_keys", {"scopes": ["*"]}, clerk["key"])
    wrong = await customers.post("/v1/api_keys", {"scopes": ["everything"]}, partner.key)

    assert (refused.status_code, refused.json()["code"]) == (409, "scope_beyond_yours")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_scope")


async def test_a_key_of_another_partner_cannot_be_revoked(
    customers: Customers, partner: Partner
) -> None:
    other = await customers.partner()
    made = (await customers.post("/v1/api_keys", {"scopes": ["*"]}, other.key)).json()

    answer = await customers.post(f"/v1/api_keys/{made['id']}/revoke", {}, partner.key)

    assert (answer.status_code, answer.json()["code"]) == (404, "api_key_not_found")
    assert (await customers.get("/v1/partner", made["key"])).status_code == 200
