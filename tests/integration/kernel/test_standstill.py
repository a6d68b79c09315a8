"""A consumer that stands still is ended, and a broker that comes back finds everybody reading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from shared.kafka import Consumption
from shared.testing.kafka import Kafka, Topics
from shared.watchdog import STUCK_EXIT_CODE
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_order
from tests.integration.kernel.running import ORDERS, a_group, consuming, handled, send, until


async def test_a1_a_consumer_that_reads_no_more_ends_its_process(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    await topics.named([ORDERS])
    exits: list[int] = []

    async with consuming(
        accounts, kafka.bootstrap, stuck_after=1.5, exit_process=exits.append
    ) as consumption:
        await send(kafka.bootstrap, [an_order("acc_1", 1)])
        await until(lambda: handled(accounts, 1))
        await asyncio.sleep(3)
        assert exits == []

        await read_no_more(consumption)
        await send(kafka.bootstrap, [an_order("acc_1", 2)])
        await until(lambda: exits != [])

    assert exits[0] == STUCK_EXIT_CODE


async def test_a1_a_handler_that_hangs_ends_its_process(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    """Nobody else takes over from a static member, however long it hangs."""
    await topics.named([ORDERS])
    exits: list[int] = []

    async with (
        consuming(
            accounts,
            kafka.bootstrap,
            instance="accounts-1",
            stuck_after=1.5,
            exit_process=exits.append,
            grace=0.5,
        ),
        locked(accounts),
    ):
        await send(kafka.bootstrap, [an_order("acc_1", 1)])
        await until(lambda: exits != [])

    assert exits[0] == STUCK_EXIT_CODE


async def test_a1_a_member_that_lost_its_partitions_to_nobody_ends_its_process(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    await topics.named([ORDERS])
    exits: list[int] = []

    async with consuming(
        accounts, kafka.bootstrap, stuck_after=1.5, exit_process=exits.append
    ) as consumption:
        lose_all(consumption)
        await asyncio.sleep(2.5)
        assert exits == []

        await send(kafka.bootstrap, [an_order("acc_1", 1)])
        await until(lambda: exits != [])

    assert exits[0] == STUCK_EXIT_CODE


async def test_a1_a_member_for_whom_no_partition_is_left_lives_on(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    await topics.named([ORDERS], partitions=1)
    group = a_group()
    exits: dict[str, list[int]] = {"one": [], "two": []}

    async with (
        consuming(
            accounts, kafka.bootstrap, group, stuck_after=1.5, exit_process=exits["one"].append
        ) as one,
        consuming(
            accounts, kafka.bootstrap, group, stuck_after=1.5, exit_process=exits["two"].append
        ) as two,
    ):
        await until(lambda: has_partitions(one) != has_partitions(two))
        reader, idle = ("one", "two") if has_partitions(one) else ("two", "one")
        await read_no_more(one if reader == "one" else two)
        await send(kafka.bootstrap, [an_order("acc_1", 1)])
        await until(lambda: exits[reader] != [])
        await asyncio.sleep(1)

    assert exits[idle] == []


async def test_a2_reading_goes_on_after_the_broker_was_stopped_or_killed(
    accounts: Accounts, breakable_kafka: Kafka
) -> None:
    bootstrap = breakable_kafka.bootstrap
    await Topics(bootstrap).named([ORDERS])
    exits: list[int] = []

    async with consuming(accounts, bootstrap, stuck_after=20, exit_process=exits.append):
        for n, end in enumerate([breakable_kafka.stop, breakable_kafka.kill]):
            await send(bootstrap, [an_order("acc_1", 2 * n)])
            await until(lambda: handled(accounts, 2 * n + 1))  # noqa: B023  awaited within the loop
            await asyncio.to_thread(end)
            await asyncio.to_thread(breakable_kafka.start)
            await send(bootstrap, [an_order("acc_1", 2 * n + 1)])
            await until(lambda: handled(accounts, 2 * n + 2))  # noqa: B023

    assert exits == []
    assert await accounts.amounts() == {"acc_1": [0, 1, 2, 3]}


async def test_a8_a_commit_that_hangs_does_not_hang_the_stop(
    accounts: Accounts, breakable_kafka: Kafka
) -> None:
    bootstrap = breakable_kafka.bootstrap
    await Topics(bootstrap).named([ORDERS])
    group = a_group()
    consumption = Consumption(accounts.consumer, bootstrap, group, grace=2)
    await consumption.start()
    await until(lambda: consumption.ready)
    await send(bootstrap, [an_order("acc_1", n) for n in range(10)])
    await until(lambda: handled(accounts, 10))
    loop = asyncio.get_running_loop()

    await asyncio.to_thread(breakable_kafka.kill)
    before = loop.time()
    await consumption.stop()

    assert loop.time() - before < 12


async def read_no_more(consumption: Consumption) -> None:
    """As the client does by itself after some rebalances: it lives, and fetches nothing.

    Pausing its partitions would not do: the end of a rebalance still under way forgets it.
    """
    last_read_is_over = asyncio.Event()

    async def nothing(_: object) -> NoReturn:
        last_read_is_over.set()
        await asyncio.Event().wait()
        raise AssertionError

    consumption._subscriber.get_msg = nothing  # type: ignore[assignment,method-assign]  # noqa: SLF001  nothing outside can do this
    await last_read_is_over.wait()


def lose_all(consumption: Consumption) -> None:
    """As a member whose rejoining died: the client lives, and the group has forgotten it."""
    consumer = consumption._subscriber.consumer  # noqa: SLF001  nothing outside can do this
    assert consumer is not None
    consumer.unsubscribe()


def has_partitions(consumption: Consumption) -> bool:
    consumer = consumption._subscriber.consumer  # noqa: SLF001
    assert consumer is not None
    return bool(consumer.assignment())


@asynccontextmanager
async def locked(accounts: Accounts) -> AsyncIterator[None]:
    """Whoever wants to change an account waits."""
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("lock table account")
        yield
