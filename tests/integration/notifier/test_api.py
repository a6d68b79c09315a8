"""What operators and a partner's own systems may read of the mails."""

from collections.abc import AsyncIterator
from hashlib import sha256

import httpx2
import pytest

from shared.contracts.customers import ApiKeyChanged, ApiKeyState
from shared.record import Record
from tests.integration.notifier.at_work import Notifier
from tests.integration.notifier.events import (
    ACME,
    ANN,
    acme,
    activated,
    ann,
    change,
    created,
    payment_failed,
    record,
    suspended,
)

KEY = "sk_test_acme"


def api_key(key: str, partner_id: str = ACME, scopes: tuple[str, ...] = ("*",)) -> Record:
    state = ApiKeyState(
        partner_id=partner_id,
        version=1,
        id=f"key_{key}",
        hash=sha256(key.encode()).hexdigest(),
        scopes=list(scopes),
        status="active",
    )
    return record(ApiKeyChanged(api_key=state, change=change()))


def bearing(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
async def client(notifier: Notifier) -> AsyncIterator[httpx2.AsyncClient]:
    await notifier.hear(api_key(KEY), api_key("sk_test_other", "ptn_test_other"))
    await notifier.hear(api_key("sk_test_narrow", scopes=("subscriptions:read",)))
    async with notifier.client() as open_client:
        open_client.headers = httpx2.Headers(bearing(KEY))
        yield open_client


async def test_messages_are_listed_newest_first_and_page_by_page(
    notifier: Notifier, client: httpx2.AsyncClient
) -> None:
    await notifier.hear(ann(), acme(), created())
    for _ in range(5):
        await notifier.hear(payment_failed())

    first = (await client.get("/v1/messages?limit=3")).json()
    rest = (
        await client.get(f"/v1/messages?limit=3&starting_after={first['data'][-1]['id']}")
    ).json()

    ids = [each["id"] for each in first["data"] + rest["data"]]
    rows = await notifier.rows("select id from messages order by n desc")
    assert ids == [each["id"] for each in rows]
    assert (first["has_more"], rest["has_more"]) == (True, False)


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ("template=suspended", ["suspended"]),
        ("status=planned", ["welcome_day_7", "welcome_day_3", "welcome_day_1"]),
        (f"customer_id={ANN}&template=welcome", ["welcome"]),
        ("customer_id=cus_nobody", []),
        ("subscription_id=sub_1&template=welcome", ["welcome"]),
        ("subscription_id=sub_2", []),
    ],
)
async def test_a_list_is_narrowed_by_what_is_asked_for(
    notifier: Notifier, client: httpx2.AsyncClient, narrowed: str, found: list[str]
) -> None:
    await notifier.hear(ann(), acme(), activated())
    await notifier.hear(suspended("abuse"))

    listed = (await client.get(f"/v1/messages?{narrowed}")).json()

    assert [each["template"] for each in listed["data"]] == found


async def test_an_unknown_status_is_refused_by_name(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/messages?status=lost")

    assert answer.status_code == 422
    assert answer.json()["param"] == "status"


async def test_a_message_is_shown_as_it_reads_without_its_secret(
    notifier: Notifier, client: httpx2.AsyncClient
) -> None:
    await notifier.hear(ann(), acme(), activated(await notifier.sealed(password="hidden!")))  # noqa: S106  a sample
    [row] = await notifier.rows("select id from messages where template = 'credentials'")

    shown = (await client.get(f"/v1/messages/{row['id']}")).json()

    assert shown["preview"]["to"] == "ann@example.org"
    assert shown["preview"]["subject"] == "Your pro is ready"
    assert "Password: ••••••••" in shown["preview"]["text"]
    assert "hidden!" not in str(shown)


async def test_a_message_to_somebody_unknown_has_no_preview_yet(
    notifier: Notifier, client: httpx2.AsyncClient
) -> None:
    await notifier.hear(suspended("abuse"))
    [row] = await notifier.rows("select id from messages")

    shown = (await client.get(f"/v1/messages/{row['id']}")).json()

    assert (shown["status"], shown["preview"]) == ("queued", None)


async def test_another_partners_message_is_not_there(
    notifier: Notifier, client: httpx2.AsyncClient
) -> None:
    await notifier.hear(ann(), acme(), suspended("abuse"))
    [row] = await notifier.rows("select id from messages")

    answer = await client.get(f"/v1/messages/{row['id']}", headers=bearing("sk_test_other"))
    listed = await client.get("/v1/messages", headers=bearing("sk_test_other"))

    assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found")
    assert listed.json()["data"] == []


@pytest.mark.parametrize(("key", "status"), [("sk_test_narrow", 403), ("sk_unknown", 401)])
async def test_whoever_may_not_read_messages_is_refused(
    client: httpx2.AsyncClient, key: str, status: int
) -> None:
    assert (await client.get("/v1/messages", headers=bearing(key))).status_code == status
