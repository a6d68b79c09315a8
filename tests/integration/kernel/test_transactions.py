"""Transactions that are cancelled, cut off or refused: nothing is lost, doubled or left open."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from shared.consumer import Unavailable
from shared.database import is_transient, persistently, plain_url
from shared.record import Record
from tests.integration.kernel.accounts import Accounts, open_accounts
from tests.integration.kernel.records import an_order
from tests.integration.kernel.severed import Cut, a_way_to

CANCELLED = 300
TERMINATED = 30
OPEN = """
select coalesce(array_agg(state), '{}') from pg_stat_activity
where datname = current_database() and application_name = 'accounts' and state <> 'idle'"""


async def test_d1_work_that_is_cancelled_at_any_point_leaks_no_connection(
    accounts: Accounts,
) -> None:
    await accounts.consumer.deliver([an_order()])

    for point in range(CANCELLED):
        work = asyncio.create_task(accounts.consumer.deliver([an_order("acc_2")]))
        await asyncio.sleep(0.012 * point / CANCELLED)
        work.cancel()
        await asyncio.sleep(0.001 * (point % 3))
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await works_at_once(accounts)

    assert borrowed(accounts) == 0
    assert await until_nothing_is_open(accounts) == []
    await accounts.consumer.deliver([an_order("acc_1", 2)])
    assert (await accounts.amounts())["acc_1"] == [1, 2]


@pytest.mark.parametrize("statement", ["select 1", "select pg_sleep(0.05)"])
async def test_d3_a_session_that_the_server_ends_is_not_used_again(
    accounts: Accounts, statement: str
) -> None:
    async def work() -> None:
        async with accounts.transactions.begin() as tx:
            await tx.sql.execute("insert into account values ('acc_1', 1, 1)")
            ending = asyncio.create_task(end_sessions(accounts, 1))
            await tx.sql.execute(statement)
            await ending
            await tx.sql.execute(statement)

    for _ in range(TERMINATED):
        (outcome,) = await asyncio.gather(work(), return_exceptions=True)
        assert isinstance(outcome, Exception)
        assert is_transient(outcome)
        await works_at_once(accounts)

    assert await accounts.rows("select id from account") == []
    assert borrowed(accounts) == 0


async def test_d3_sessions_that_the_server_ends_lose_nothing(accounts: Accounts) -> None:
    ending = asyncio.create_task(end_sessions(accounts, TERMINATED))
    polls = 0

    while not ending.done():
        poll = [an_order(f"acc_{n}", polls) for n in range(5)]
        await deliver_at_last(accounts, poll)
        polls += 1

    assert await ending >= TERMINATED
    assert await accounts.amounts() == {f"acc_{n}": list(range(polls)) for n in range(5)}
    assert await accounts.letters() == []
    assert borrowed(accounts) == 0
    assert await until_nothing_is_open(accounts) == []


class Refused(Exception):
    """What a handler raises here."""


async def ended_well() -> None:
    """Nothing goes wrong."""


async def ended_by_an_error() -> None:
    raise Refused


async def ended_by_cancellation() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("ended", [ended_well, ended_by_an_error, ended_by_cancellation])
async def test_d4_no_transaction_stays_open_however_it_ended(
    accounts: Accounts, ended: Callable[[], Awaitable[None]]
) -> None:
    async def work() -> None:
        async with accounts.transactions.begin() as tx:
            await tx.sql.execute("insert into account values ('acc_1', 1, 1)")
            await ended()

    (outcome,) = await asyncio.gather(work(), return_exceptions=True)
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("insert into account values ('acc_2', 1, 1)")

    assert await until_nothing_is_open(accounts) == []
    assert borrowed(accounts) == 0
    rows = await accounts.rows("select id from account order by id")
    assert rows == ([("acc_1",), ("acc_2",)] if outcome is None else [("acc_2",)])


@pytest.mark.parametrize("cut", ["before the server hears it", "before its answer comes back"])
async def test_d8_a_commit_of_unknown_outcome_has_one_effect(accounts: Accounts, cut: Cut) -> None:
    poll = [an_order("acc_1", 5), an_order("acc_2", 6)]
    async with a_way_to(accounts.url) as way:
        far = await open_accounts(way.url, tables=False)
        way.cuts = [cut] * 3

        await deliver_at_last(far, poll)
        await far.close()

    assert way.severed == 3
    assert await accounts.amounts() == {"acc_1": [5], "acc_2": [6]}
    assert len(await accounts.rows("select from outbox")) == 2


async def test_d9_two_that_lock_each_other_out_both_get_through(accounts: Accounts) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("insert into account values ('acc_1', 0, 0), ('acc_2', 0, 0)")
    both_hold_one = asyncio.Barrier(2)
    attempts: list[str] = []

    async def credit(first: str, second: str) -> None:
        attempts.append(first)
        async with accounts.transactions.begin() as tx:
            for account in (first, second):
                await tx.sql.execute(
                    "update account set balance = balance + 1 where id = $1", account
                )
                if account == first and attempts.count(first) == 1:
                    await both_hold_one.wait()

    await asyncio.gather(
        persistently(lambda: credit("acc_1", "acc_2")),
        persistently(lambda: credit("acc_2", "acc_1")),
    )

    assert len(attempts) == 3
    assert await accounts.rows("select balance from account") == [(2,), (2,)]


async def test_d9_a_transaction_that_cannot_be_put_in_order_is_run_again(
    accounts: Accounts,
) -> None:
    attempts = 0

    async def credit() -> None:
        nonlocal attempts
        attempts += 1
        async with accounts.transactions.begin() as tx:
            await tx.sql.execute("insert into account values ('acc_1', 1, 1)")
            if attempts < 3:
                await tx.sql.execute("do $$ begin raise sqlstate '40001'; end $$")

    await persistently(credit)

    assert attempts == 3
    assert await accounts.rows("select balance from account") == [(1,)]


async def deliver_at_last(accounts: Accounts, poll: list[Record]) -> None:
    """As the client of the broker does it: what could not be handled comes again."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await accounts.consumer.deliver(poll)
            except Unavailable:
                await asyncio.sleep(0.01)


async def works_at_once(accounts: Accounts) -> None:
    """The next transaction, without any second try."""
    async with accounts.transactions.begin() as tx:
        assert await tx.sql.fetchval("select count(*) from account where id = 'none'") == 0


async def end_sessions(accounts: Accounts, count: int) -> int:
    """End sessions of the service in the middle of what they do."""
    ended = 0
    connection = await asyncpg.connect(plain_url(accounts.url))
    async with asyncio.timeout(60):
        while ended < count:
            ended += await connection.fetchval(
                """
                select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and application_name = 'accounts'
                  and state <> 'idle'"""
            )
            await asyncio.sleep(0.03)
    await connection.close()
    return ended


async def until_nothing_is_open(accounts: Accounts) -> list[str]:
    """The states of the service's sessions that are not idle; the server may take a moment."""
    states: list[str] = []
    for _ in range(200):
        ((states,),) = await accounts.rows(OPEN)
        if not states:
            break
        await asyncio.sleep(0.02)
    return states


def borrowed(accounts: Accounts) -> int:
    return accounts.transactions.database.lent


async def test_plans_that_are_made_once_are_for_that_transaction_only(accounts: Accounts) -> None:
    session = "select pg_backend_pid() as pid, current_setting('plan_cache_mode') as plans"

    async with accounts.transactions.begin(in_sets=True) as tx:
        in_sets = await tx.sql.fetchrow(session)
    async with accounts.transactions.begin() as tx:
        after = await tx.sql.fetchrow(session)

    assert in_sets is not None
    assert after is not None
    assert in_sets["pid"] == after["pid"]
    assert (in_sets["plans"], after["plans"]) == ("force_generic_plan", "auto")
