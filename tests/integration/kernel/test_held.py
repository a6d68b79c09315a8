"""Facts of one aggregate are heard in the order of their versions, whatever order they come in."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from shared.clock import system_now
from shared.contracts.event import CONTRACTS
from shared.received import Received, receive
from shared.record import Record
from tests.integration.kernel.accounts import AccountCredited, Accounts
from tests.integration.kernel.records import an_account_credited

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_versions_that_come_in_order_are_heard_at_once(accounts: Accounts) -> None:
    assert await heard(accounts, ("acc_1", 1), ("acc_2", 1)) == [("acc_1", 1), ("acc_2", 1)]
    assert await heard(accounts, ("acc_1", 2)) == [("acc_1", 2)]
    assert await waiting(accounts) == []


async def test_a_version_that_is_ahead_waits_and_comes_out_with_the_one_before_it(
    accounts: Accounts,
) -> None:
    assert await heard(accounts, ("acc_1", 1), ("acc_1", 3), ("acc_1", 4)) == [("acc_1", 1)]
    assert await waiting(accounts) == [("acc_1", 3), ("acc_1", 4)]

    assert await heard(accounts, ("acc_1", 2)) == [("acc_1", 2), ("acc_1", 3), ("acc_1", 4)]
    assert await waiting(accounts) == []


async def test_versions_that_come_backwards_in_one_poll_are_heard_forwards(
    accounts: Accounts,
) -> None:
    assert await heard(accounts, ("acc_1", 3), ("acc_1", 2), ("acc_1", 1)) == [
        ("acc_1", 1),
        ("acc_1", 2),
        ("acc_1", 3),
    ]


async def test_a_version_that_was_heard_is_not_heard_again(accounts: Accounts) -> None:
    await heard(accounts, ("acc_1", 1), ("acc_1", 2))

    assert await heard(accounts, ("acc_1", 1), ("acc_1", 2)) == []
    assert await waiting(accounts) == []


async def test_a_version_that_waits_waits_once(accounts: Accounts) -> None:
    await heard(accounts, ("acc_1", 2))
    await heard(accounts, ("acc_1", 2))

    assert await waiting(accounts) == [("acc_1", 2)]


async def test_one_that_waits_does_not_hold_up_another_aggregate(accounts: Accounts) -> None:
    assert await heard(accounts, ("acc_1", 2), ("acc_2", 1)) == [("acc_2", 1)]


async def test_it_is_known_since_when_the_oldest_waits(accounts: Accounts) -> None:
    await heard(accounts, ("acc_1", 2), at=NOON)
    await heard(accounts, ("acc_2", 2), at=NOON + timedelta(hours=1))

    async with accounts.transactions.begin() as tx:
        assert await tx.held.oldest() == NOON


async def test_what_comes_out_is_what_came_in(accounts: Accounts) -> None:
    late = credited("acc_1", 2)
    await hear(accounts, [late])

    _, came_out = await hear(accounts, [credited("acc_1", 1)])

    assert (came_out.id, came_out.event, came_out.origin) == (late.id, late.event, late.origin)


@pytest.mark.parametrize("order", [1, -1])
async def test_two_consumers_that_race_hear_each_version_once(
    accounts: Accounts, order: int
) -> None:
    odd = [(f"acc_{n}", version) for n in range(20) for version in (1, 3, 5)][::order]
    even = [(f"acc_{n}", version) for n in range(20) for version in (2, 4, 6)]

    found = await asyncio.gather(heard(accounts, *odd), heard(accounts, *even))

    everything = [(f"acc_{n}", version) for n in range(20) for version in range(1, 7)]
    assert sorted(found[0] + found[1]) == sorted(everything)
    assert await waiting(accounts) == []


async def heard(
    accounts: Accounts, *versions: tuple[str, int], at: datetime = NOON
) -> list[tuple[str, int]]:
    received = [credited(account, version) for account, version in versions]
    turn = await hear(accounts, received, at)
    return [(each.event.account.id, each.event.account.version) for each in turn]


async def hear(
    accounts: Accounts, received: Sequence[Received[AccountCredited]], at: datetime = NOON
) -> list[Received[AccountCredited]]:
    async with accounts.transactions.begin() as tx:
        return await tx.held.in_sequence(received, CONTRACTS, at)


def credited(account: str, version: int) -> Received[AccountCredited]:
    event = an_account_credited(account, version).event
    headers = (
        ("ce_id", str(uuid7()).encode()),
        ("ce_source", b"/perennial/accounts"),
        ("ce_time", system_now().isoformat().encode()),
        ("ce_correlationid", b"the story"),
    )
    value = event.model_dump_json().encode()
    return receive(Record(event.type, 0, version, account.encode(), value, headers), CONTRACTS)


async def waiting(accounts: Accounts) -> list[tuple[str, int]]:
    rows = await accounts.rows("select subject, version from held order by subject, version")
    return [(subject, version) for subject, version in rows]
