"""A request that is sent again with its key has one effect and one answer."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.api import API_KEY, OTHERS_KEY, SHOWN_ONCE, AccountsApi, make_keys


async def test_a_repeat_gets_the_stored_answer_and_changes_nothing(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        first, second = [await credit(client, "key 1", amount=5) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await accounts.amounts() == {"acc_1": [5]}


async def test_repeats_at_the_same_time_have_one_effect(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answers = await asyncio.gather(*(credit(client, "key 1", amount=5) for _ in range(20)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await accounts.amounts() == {"acc_1": [5]}


async def test_a_repeat_while_the_first_is_carried_out_is_told_to_wait(accounts: Accounts) -> None:
    await make_keys(accounts)
    api = AccountsApi(accounts)

    async with api.client() as client:
        first = asyncio.create_task(credit(client, "key 1", amount=5, way="slow"))
        await api.begun.wait()
        second = await credit(client, "key 1", amount=5, way="slow")
        api.go_on.set()

        assert (await first).status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "request_in_progress")
    assert second.headers["retry-after"] == "1"


async def test_a_key_with_another_request_is_refused(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        await credit(client, "key 1", amount=5)
        other = await credit(client, "key 1", amount=6)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await accounts.amounts() == {"acc_1": [5]}


async def test_a_key_of_one_partner_is_not_that_of_another(accounts: Accounts) -> None:
    await make_keys(accounts)
    api = AccountsApi(accounts)

    for key in (API_KEY, OTHERS_KEY):
        async with api.client(key) as client:
            assert (await credit(client, "key 1", amount=5)).status_code == 201

    assert await accounts.amounts() == {"acc_1": [5, 5]}


async def test_a_refusal_is_an_answer_too(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        first, second = [await credit(client, "key 1", amount=5, way="refused") for _ in range(2)]

    assert (second.status_code, second.json()) == (409, first.json())
    assert second.headers["content-type"] == "application/problem+json"
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_secret_is_shown_once_and_kept_nowhere(accounts: Accounts) -> None:
    await make_keys(accounts)
    once = {"idempotency-key": "key 1"}

    async with AccountsApi(accounts).client() as client:
        first, second = [await client.post("/v1/tokens", headers=once) for _ in range(2)]

    assert (first.status_code, first.json()["token"]) == (201, SHOWN_ONCE)
    assert first.headers["cache-control"] == "no-store"
    assert (second.status_code, second.json()["code"]) == (409, "answer_not_kept")
    assert second.json()["way_out"]
    assert await accounts.amounts() == {"tokens": [1]}
    [(kept,)] = await accounts.rows("select idempotency::text from idempotency")
    assert SHOWN_ONCE.encode().hex() not in kept


@pytest.mark.parametrize(("way", "status"), [("broken", 500), ("away", 503), ("stale", 409)])
async def test_an_answer_that_says_try_again_is_not_kept(
    accounts: Accounts, way: str, status: int
) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answers = [await credit(client, "key 1", amount=5, way=way) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False, False]
    assert await accounts.rows("select from idempotency") == []


async def test_while_the_database_is_away_the_asker_is_told_to_come_again(
    accounts: Accounts,
) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answer = await credit(client, "key 1", amount=5, way="away")

    assert answer.headers["retry-after"] == "1"
    assert answer.json()["code"] == "unavailable"
    assert await accounts.rows("select from account") == []


async def test_a_request_without_a_key_is_refused_where_one_is_needed(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answer = await client.post("/v1/credits", json={"account": "acc_1", "amount": 5})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_missing")
    assert answer.json()["param"] == "Idempotency-Key"
    assert await accounts.amounts() == {}


@pytest.mark.parametrize("key", ["x" * 256, "with\x00null"])
async def test_a_key_that_cannot_be_kept_is_refused(accounts: Accounts, key: str) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answer = await credit(client, key, amount=5)

    assert answer.status_code == 422
    assert await accounts.amounts() == {}


async def test_a_stranger_neither_reads_nor_takes_a_key(accounts: Accounts) -> None:
    await make_keys(accounts)
    api = AccountsApi(accounts)

    async with api.client("sk_live_of_nobody") as client:
        refused = await credit(client, "key 1", amount=5)
    async with api.client() as client:
        first = await credit(client, "key 1", amount=5)

    assert (refused.status_code, first.status_code) == (401, 201)


async def test_a_request_whose_process_died_can_be_sent_again(accounts: Accounts) -> None:
    """Nobody answers for it any more once a minute has gone."""
    await make_keys(accounts)
    api = AccountsApi(accounts)
    async with api.client() as client:
        cut_off = asyncio.create_task(credit(client, "key 1", amount=5, way="slow"))
        await api.begun.wait()
        async with accounts.transactions.begin() as tx:
            await tx.sql.execute("update idempotency set begun_at = begun_at - interval '61 s'")
        api.go_on.set()

        again = await credit(client, "key 1", amount=5, way="slow")
        await cut_off

    assert again.status_code == 201


async def test_a_body_that_is_too_large_is_refused(accounts: Accounts) -> None:
    await make_keys(accounts)

    async with AccountsApi(accounts).client() as client:
        answer = await client.post("/v1/credits", content=b"x" * 300_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def credit(client: httpx2.AsyncClient, key: str, **body: Any) -> httpx2.Response:
    return await client.post(
        "/v1/credits", json={"account": "acc_1", **body}, headers={"idempotency-key": key}
    )
