"""Who is asking is proven by the credential alone; what proves nothing gets one and the same no."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
import pytest
from joserfc.jwk import OctKey, OKPKey

from shared.access import listen_for_keys
from shared.contracts.customers import ApiKeyChanged, ApiKeyState, KeyPublished, VerifyingKeyState
from shared.contracts.event import Change, EventContract
from shared.origin import Origin
from shared.outbox import Outgoing
from tests.integration.kernel.accounts import PARTNER, Accounts
from tests.integration.kernel.api import (
    API_KEY,
    NOW,
    OTHERS_KEY,
    SIGNING_KEY,
    AccountsApi,
    a_token,
    make_keys,
)
from tests.integration.kernel.records import published

AT = datetime.fromtimestamp(NOW, UTC)
OTHER_KEY = OKPKey.generate_key("Ed25519")


async def test_an_api_key_proves_its_partner(accounts: Accounts) -> None:
    await make_keys(accounts)

    first, second = [await whoami(accounts, key) for key in (API_KEY, OTHERS_KEY)]

    assert (first["partner_id"], first["actor"], first["kind"]) == (
        PARTNER,
        "key:key_sk_live_1",
        "key",
    )
    assert second["partner_id"] == "ptn_2"


async def test_a_key_works_from_its_event_on_and_until_it_is_revoked(accounts: Accounts) -> None:
    listen_for_keys(accounts.consumer)

    await hear(accounts, an_api_key(version=1, status="active"))
    assert await status(accounts, API_KEY) == 200

    await hear(accounts, an_api_key(version=2, status="revoked"))
    assert await status(accounts, API_KEY) == 401


async def test_a_revoked_key_stays_revoked_when_older_news_comes_late(accounts: Accounts) -> None:
    listen_for_keys(accounts.consumer)

    await hear(accounts, an_api_key(version=2, status="revoked"))
    await hear(accounts, an_api_key(version=1, status="active"))

    assert await status(accounts, API_KEY) == 401


async def test_what_a_key_has_no_scope_for_is_forbidden(accounts: Accounts) -> None:
    listen_for_keys(accounts.consumer)
    await hear(accounts, an_api_key(version=1, status="active", scopes=["accounts:write"]))

    async with AccountsApi(accounts).client(API_KEY) as client:
        answer = await client.get("/v1/whoami")

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "accounts:read" in answer.json()["detail"]


async def test_a_token_proves_who_acts_and_for_whom(accounts: Accounts) -> None:
    await publish_key(accounts)

    found = await whoami(accounts, a_token(kind="customer", actor="customer:1", customer="cus_1"))

    assert found == {
        "partner_id": PARTNER,
        "actor": "customer:1",
        "kind": "customer",
        "customer_id": "cus_1",
    }


async def test_a_token_ends_with_its_time(accounts: Accounts) -> None:
    await publish_key(accounts)

    assert await status(accounts, a_token(exp=NOW + 1)) == 200
    assert await status(accounts, a_token(exp=NOW)) == 401
    assert await status(accounts, a_token(exp=None)) == 401


async def test_a_token_ends_with_the_key_that_signed_it(accounts: Accounts) -> None:
    await publish_key(accounts, expires_at=AT)

    assert await status(accounts, a_token(exp=NOW + 60)) == 401


FORGED = {
    "signed with another key": a_token(OTHER_KEY),
    "signed by nobody": a_token().rpartition(".")[0] + ".",
    "a key that nobody published": a_token(kid="kid_2"),
    "not a token": "abc",
    "no credential": "",
    "an unknown API key": "sk_live_9",
    "a null character in the key's name": base64.urlsafe_b64encode(b'{"kid":"\\u0000"}').decode()
    + ".e30.e30",
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_what_proves_nothing_is_not_let_in(accounts: Accounts, forgery: str) -> None:
    await publish_key(accounts)

    async with AccountsApi(accounts).client(FORGED[forgery]) as client:
        answer = await client.get("/v1/whoami")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_cannot_choose_a_weaker_algorithm(accounts: Accounts, algorithm: str) -> None:
    """The public key is known to all, so as the secret of an HMAC it would prove nothing."""
    await publish_key(accounts)
    _, body, _ = a_token().split(".")
    header = orjson.dumps({"alg": algorithm, "kid": "kid_1"})
    unsigned = base64.urlsafe_b64encode(header).rstrip(b"=").decode() + "." + body
    secret = OctKey.import_key(orjson.dumps(SIGNING_KEY.as_dict(private=False)))
    signature = hmac_of(secret, unsigned) if algorithm == "HS256" else ""

    assert await status(accounts, f"{unsigned}.{signature}") == 401


async def test_a_token_whose_claims_were_changed_is_not_let_in(accounts: Accounts) -> None:
    await publish_key(accounts)
    header, _, signature = a_token().split(".")
    _, others_body, _ = a_token(partner="ptn_2").split(".")

    assert await status(accounts, f"{header}.{others_body}.{signature}") == 401


def an_api_key(
    version: int, status: Literal["active", "revoked"], scopes: list[str] | None = None
) -> ApiKeyChanged:
    state = ApiKeyState(
        partner_id=PARTNER,
        version=version,
        id="key_1",
        hash=hashlib.sha256(API_KEY.encode()).hexdigest(),
        scopes=scopes or ["accounts:read"],
        status=status,
    )
    return ApiKeyChanged(api_key=state, change=Change(kind=status, actor="operator:1", at=AT))


async def publish_key(accounts: Accounts, expires_at: datetime = AT + timedelta(days=1)) -> None:
    listen_for_keys(accounts.consumer)
    state = VerifyingKeyState(
        partner_id="platform",
        version=1,
        kid="kid_1",
        jwk=dict(SIGNING_KEY.as_dict(private=False)),
        expires_at=expires_at,
    )
    await hear(
        accounts,
        KeyPublished(verifying_key=state, change=Change(kind="made", actor="service", at=AT)),
    )


async def hear(accounts: Accounts, event: EventContract) -> None:
    outgoing = Outgoing(event, Origin.first("test", "request:1"), AT)
    await accounts.consumer.deliver([await published(accounts, outgoing)])


async def whoami(accounts: Accounts, credential: str) -> dict[str, Any]:
    async with AccountsApi(accounts).client(credential) as client:
        answer = await client.get("/v1/whoami")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def status(accounts: Accounts, credential: str) -> int:
    async with AccountsApi(accounts).client(credential) as client:
        return (await client.get("/v1/whoami")).status_code


def hmac_of(secret: OctKey, text: str) -> str:
    digest = hmac.new(secret.raw_value, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
