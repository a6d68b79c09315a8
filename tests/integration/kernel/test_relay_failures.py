"""A broker that goes away while the relay sends: nothing lost, of each key the order kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.relay import Relay
from shared.testing.kafka import Kafka, Topics
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_account_credited
from tests.integration.kernel.running import CREDITED, first_versions, header, read_all, until

ACCOUNTS = 40


async def test_a11_a_relay_whose_producer_failed_begins_anew_and_keeps_the_order(
    accounts: Accounts, breakable_kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    """The broker is away for longer than the relay waits for its answer."""
    await Topics(breakable_kafka.bootstrap).named([CREDITED])

    async with relaying(accounts, breakable_kafka, send_timeout=1.5), adding(accounts) as added:
        await asyncio.sleep(1)
        await asyncio.to_thread(breakable_kafka.kill)
        await until(lambda: "relay.began_anew" in caplog.messages)
        await asyncio.to_thread(breakable_kafka.start)
        await asyncio.sleep(1)
    await assert_all_in_order(accounts, breakable_kafka, added[-1])


async def test_a13_a_relay_that_rides_out_a_restart_keeps_the_order(
    accounts: Accounts, breakable_kafka: Kafka
) -> None:
    await Topics(breakable_kafka.bootstrap).named([CREDITED])

    async with relaying(accounts, breakable_kafka), adding(accounts) as added:
        await asyncio.sleep(1)
        await asyncio.to_thread(breakable_kafka.stop)
        await asyncio.to_thread(breakable_kafka.start)
        await asyncio.sleep(1)
    await assert_all_in_order(accounts, breakable_kafka, added[-1])


async def test_a11_a_producer_that_is_given_up_leaves_nothing_running(
    accounts: Accounts, breakable_kafka: Kafka
) -> None:
    """It would send what it still has in hand when the broker is back, behind its successor."""
    await Topics(breakable_kafka.bootstrap).named([CREDITED])
    before = asyncio.all_tasks()
    relay = Relay(accounts.url, breakable_kafka.bootstrap)
    await add(accounts, 1)
    await relay.round()
    await asyncio.to_thread(breakable_kafka.kill)
    await add(accounts, 2)
    sending = asyncio.create_task(relay.round())
    await asyncio.sleep(0.5)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    await relay.close()

    left = {task.get_name(): task for task in asyncio.all_tasks() - before}
    assert left == {}


@asynccontextmanager
async def relaying(
    accounts: Accounts, kafka: Kafka, send_timeout: float = 60
) -> AsyncIterator[None]:
    """Until all that was added is marked."""
    relay = Relay(accounts.url, kafka.bootstrap, send_timeout=send_timeout)
    running = asyncio.create_task(relay.run(accounts.transactions.wake))
    yield
    await until(lambda: all_marked(accounts), seconds=60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def adding(accounts: Accounts) -> AsyncIterator[list[int]]:
    """Version after version of every account, many times a second."""
    added: list[int] = [0]

    async def add_on() -> None:
        while True:
            await add(accounts, added[-1] + 1)
            added.append(added[-1] + 1)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(add_on())
    yield added
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def add(accounts: Accounts, version: int) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.outbox.add([an_account_credited(f"acc_{n}", version) for n in range(ACCOUNTS)])


async def all_marked(accounts: Accounts) -> bool:
    rows = await accounts.rows("select from outbox where published_at is null")
    return rows == []


async def assert_all_in_order(accounts: Accounts, kafka: Kafka, last: int) -> None:
    records = await read_all(kafka.bootstrap, CREDITED)
    rows = await accounts.rows("select id, max(version) over () from outbox")
    assert last > 20
    assert {header(record, "ce_id") for record in records} == {str(each) for each, _ in rows}
    versions = list(range(1, rows[0][1] + 1))
    assert first_versions(records) == {f"acc_{n}": versions for n in range(ACCOUNTS)}
