"""Customer accounts and checkouts over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.integration.customers.platform import Customers, Partner, a_checkout, a_person

ACCOUNT: dict[str, Any] = {
    "type": "organization",
    "name": "Okafor & Söhne",
    "phone": "+49 30 1234567",
    "address": {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"},
    "email": "ada@exämple.org",
    "external_reference": "crm-1",
}


async def opened(customers: Customers, partner: Partner, **changes: Any) -> dict[str, Any]:
    answer = await customers.post("/v1/customers", ACCOUNT | changes, partner.key)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_account_is_opened_by_hand_and_told(
    customers: Customers, partner: Partner
) -> None:
    body = await opened(customers, partner, notifications_enabled=False, sign_in_enabled=True)

    [told] = await customers.outbox("customer.created")
    assert body["object"] == "customer"
    assert (body["notifications_enabled"], body["sign_in_enabled"]) == (False, True)
    assert (body["timezone"], body["created_at"]) == ("Europe/Berlin", "2027-01-31T12:00:00Z")
    assert told["customer"]["email_ascii"] == "ada@xn--exmple-cua.org"
    assert told["customer"]["address"]["city"] == "Berlin"
    assert told["ce"]["ce_actor"].startswith("key:")


@pytest.mark.parametrize("missing", ["type", "name", "phone", "address", "email"])
async def test_what_an_account_needs_is_named(
    customers: Customers, partner: Partner, missing: str
) -> None:
    body = {name: value for name, value in ACCOUNT.items() if name != missing}

    answer = await customers.post("/v1/customers", body, partner.key)

    assert (answer.status_code, answer.json()["param"]) == (422, missing)
    assert await customers.said("customer.created") == []


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"email": "a@b, c@d"}, "invalid_email", "email"),
        ({"name": "Ada\nOkafor"}, "control_character", "name"),
        ({"name": "  "}, "blank_text", "name"),
        ({"phone": "none"}, "invalid_phone", "phone"),
        ({"address": ACCOUNT["address"] | {"country": "ZZ"}}, "unknown_country", "address.country"),
        ({"address": {"country": "DE"}}, "invalid_request", "address.line1"),
        ({"timezone": "Mars"}, "unknown_zone", "timezone"),
        ({"language": "zz"}, "unknown_language", "language"),
        ({"external_reference": " "}, "blank_text", "external_reference"),
        ({"external_reference": "\x00"}, "control_character", "external_reference"),
        ({"type": "robot"}, "invalid_request", "type"),
        ({"sign_in_enabled": "perhaps"}, "invalid_request", "sign_in_enabled"),
        ({"nickname": "ada"}, "invalid_request", "nickname"),
    ],
)
async def test_a_wrong_account_is_refused_with_the_field_and_the_way_out(
    customers: Customers, partner: Partner, changes: dict[str, Any], code: str, param: str
) -> None:
    answer = await customers.post("/v1/customers", ACCOUNT | changes, partner.key)

    body = answer.json()
    assert (answer.status_code, body["code"], body["param"]) == (422, code, param)
    assert body["way_out"]
    assert await customers.rows("select id from customers") == []


async def test_the_same_request_again_opens_no_second_account(
    customers: Customers, partner: Partner
) -> None:
    once = {"idempotency-key": "intent-1"}

    first = await customers.post("/v1/customers", ACCOUNT, partner.key, **once)
    second = await customers.post("/v1/customers", ACCOUNT, partner.key, **once)

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert await customers.said("customer.created") == ["customer.created"]


async def test_an_address_belongs_to_one_account_unless_references_part_them(
    customers: Customers, partner: Partner
) -> None:
    await opened(customers, partner)

    nameless = ACCOUNT | {"external_reference": None}
    taken = await customers.post("/v1/customers", nameless, partner.key)
    same = await customers.post("/v1/customers", ACCOUNT, partner.key)
    other = await customers.post(
        "/v1/customers", ACCOUNT | {"external_reference": "crm-2"}, partner.key
    )

    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert (same.status_code, same.json()["code"]) == (409, "reference_taken")
    assert other.status_code == 201


async def test_many_who_open_one_account_at_once_open_one(
    customers: Customers, partner: Partner
) -> None:
    nameless = ACCOUNT | {"external_reference": None}

    answers = await asyncio.gather(
        *(customers.post("/v1/customers", nameless, partner.key) for _ in range(6))
    )

    assert sorted(each.status_code for each in answers) == [201] + [409] * 5


async def test_a_checkout_finds_the_account_that_was_opened_by_hand(
    shop: Customers, partner: Partner
) -> None:
    account = await opened(shop, partner)

    await shop.upstream(a_checkout(customer=a_person(reference="crm-1", name="Okafor GmbH")))

    [accepted] = await shop.outbox("checkout.accepted")
    [updated] = await shop.outbox("customer.updated")
    assert accepted["checkout"]["customer_id"] == account["id"]
    assert (updated["customer"]["name"], updated["customer"]["type"]) == (
        "Okafor GmbH",
        "organization",
    )


async def test_an_account_is_edited_and_the_change_told(
    customers: Customers, partner: Partner
) -> None:
    account = await opened(customers, partner)

    answer = await customers.patch(
        f"/v1/customers/{account['id']}",
        {"name": "Okafor GmbH", "phone": None, "notifications_enabled": False},
        partner.key,
    )

    [told] = await customers.outbox("customer.updated")
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["phone"]) == ("Okafor GmbH", None)
    assert (told["version"], told["customer"]["notifications_enabled"]) == (2, False)
    assert told["customer"]["address"]["city"] == "Berlin"


async def test_an_edit_that_changes_nothing_tells_nothing(
    customers: Customers, partner: Partner
) -> None:
    account = await opened(customers, partner)
    path = f"/v1/customers/{account['id']}"

    nothing = await customers.patch(path, {}, partner.key)
    same = await customers.patch(path, {"name": ACCOUNT["name"]}, partner.key)

    assert (nothing.json(), same.json()) == (account, account)
    assert await customers.said("customer.updated") == []


async def test_an_address_that_another_has_is_not_taken_over(
    customers: Customers, partner: Partner
) -> None:
    await opened(customers, partner)
    nameless = await opened(customers, partner, email="grace@example.org", external_reference=None)

    answer = await customers.patch(
        f"/v1/customers/{nameless['id']}", {"email": ACCOUNT["email"]}, partner.key
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert await customers.said("customer.updated") == []


async def test_accounts_are_searched_by_address_and_reference(
    customers: Customers, partner: Partner
) -> None:
    ada = await opened(customers, partner)
    await opened(customers, partner, email="grace@example.org", external_reference="crm-2")

    by_email = await customers.http.get(
        "/v1/customers",
        params={"email": "ADA@exämple.org"},
        headers={"authorization": f"Bearer {partner.key}"},
    )
    by_reference = await customers.get("/v1/customers?reference=crm-1", partner.key)
    nobody = await customers.get("/v1/customers?reference=crm-9", partner.key)
    wrong = await customers.get("/v1/customers?email=ada", partner.key)

    assert [each["id"] for each in by_email.json()["data"]] == [ada["id"]]
    assert [each["id"] for each in by_reference.json()["data"]] == [ada["id"]]
    assert nobody.json()["data"] == []
    assert (wrong.status_code, wrong.json()["param"]) == (422, "email")
