"""Reading from a real broker with FastStream: nothing is lost, whatever a record or a stop does."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.postgres import EmbeddedPostgres, make_database
from shared.consumer import Consumer
from shared.kafka import Consumption
from shared.received import Received
from shared.record import Record
from shared.testing.kafka import Kafka, Topics
from shared.transaction import Transaction
from tests.integration.kernel.accounts import Accounts, CreditOrdered, open_accounts
from tests.integration.kernel.records import an_order
from tests.integration.kernel.running import (
    ORDERS,
    a_group,
    committed,
    consuming,
    handled,
    read_all,
    send,
    send_with_odd_name,
    until,
)


@pytest.fixture
async def orders(topics: Topics) -> str:
    (name,) = await topics.named([ORDERS])
    return name


@pytest.mark.usefixtures("orders")
async def test_f1_headers_that_nobody_reads_lose_nothing(accounts: Accounts, kafka: Kafka) -> None:
    odd = [("x-null", None), ("x-bytes", b"\xff\xfe"), ("", b""), ("x", b"1"), ("x", b"2")]
    records = [an_order("acc_1", n, extra=(odd[n % 5],)) for n in range(30)]

    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, records)
        await until(lambda: handled(accounts, 30))

    assert await accounts.amounts() == {"acc_1": list(range(30))}


@pytest.mark.usefixtures("orders")
async def test_a_reader_that_may_poll_seldom_takes_all_in_order_and_in_fewer_polls(
    accounts: Accounts, kafka: Kafka
) -> None:
    polls = 0
    deliver = accounts.consumer.deliver

    async def count(records: Sequence[Record]) -> None:
        nonlocal polls
        polls += 1
        await deliver(records)

    accounts.consumer.deliver = count  # type: ignore[method-assign]
    async with consuming(accounts, kafka.bootstrap, polls_a_second=2):
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            for n in range(200):
                order = an_order("acc_1", n)
                headers = list(order.headers)
                await producer.send_and_wait(ORDERS, order.value, order.key, headers=headers)
                await asyncio.sleep(0.02)
        await until(lambda: handled(accounts, 200))

    assert await accounts.amounts() == {"acc_1": list(range(200))}
    assert polls < 50


@pytest.mark.usefixtures("orders")
async def test_f1_headers_that_are_read_and_unreadable_make_dead_letters(
    accounts: Accounts, kafka: Kafka
) -> None:
    """The good records of the same poll are handled, and those that come after it."""
    bad: list[tuple[str, bytes | None]] = [("ce_time", None), ("ce_time", b"\xff\xfe")]
    records = [an_order("acc_1", n, extra=(bad[n % 2],) if n % 3 == 0 else ()) for n in range(30)]

    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, records)
        await until(lambda: handled(accounts, 20))

    assert await accounts.letters() == [("dead", "bad_header")] * 10


@pytest.mark.usefixtures("orders")
async def test_f1_a_header_whose_name_is_not_text_loses_nothing(
    accounts: Accounts, kafka: Kafka
) -> None:
    """Only a client of its own making can send one, and one is enough."""
    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, [an_order("acc_1", 1)], partition=0)
        await send_with_odd_name(kafka.bootstrap, an_order("acc_1", 2))
        await send(kafka.bootstrap, [an_order("acc_1", 3)], partition=0)
        await until(lambda: handled(accounts, 3))

    assert await accounts.amounts() == {"acc_1": [1, 2, 3]}


@pytest.mark.usefixtures("orders")
async def test_f2_a_handler_that_raises_loses_nothing(accounts: Accounts, kafka: Kafka) -> None:
    records = [an_order(f"acc_{n % 5}", -1 if n == 22 else n) for n in range(50)]

    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, records)
        await until(lambda: handled(accounts, 44))

    amounts = await accounts.amounts()
    assert amounts.pop("acc_2") == [2, 7, 12, 17]
    assert amounts == {f"acc_{n}": list(range(n, 50, 5)) for n in (0, 1, 3, 4)}
    assert await accounts.letters() == [("parked", "failed")] + [("parked", "behind")] * 5


@pytest.mark.usefixtures("orders")
async def test_f2_what_comes_while_the_database_is_away_is_handled_when_it_is_back(
    kafka: Kafka, breakable_postgres: EmbeddedPostgres
) -> None:
    group = a_group()
    url = await make_database(breakable_postgres.url, "accounts")
    accounts = await open_accounts(url)

    async with consuming(accounts, kafka.bootstrap, group) as consumption:
        await asyncio.to_thread(breakable_postgres.kill)
        await send(kafka.bootstrap, [an_order("acc_1", n) for n in range(10)])
        await until(lambda: consumption.waiting_for_database)
        assert not consumption.ready
        assert sum((await committed(kafka, group)).values()) == 0

        await asyncio.to_thread(breakable_postgres.start)
        await until(lambda: consumption.ready)
        await until(lambda: handled(accounts, 10))

    assert await accounts.amounts() == {"acc_1": list(range(10))}
    assert await accounts.letters() == []
    await accounts.close()


@pytest.mark.usefixtures("orders")
async def test_f5_a_stop_in_the_middle_of_long_work_moves_no_offset(
    accounts: Accounts, kafka: Kafka
) -> None:
    group = a_group()
    begun = asyncio.Event()
    hanging = Consumer[Transaction](accounts.transactions.begin)

    @hanging.on(CreditOrdered)
    async def hang(_: Sequence[Received[CreditOrdered]], __: Transaction) -> None:
        begun.set()
        await asyncio.sleep(3600)

    async with consuming(replace(accounts, consumer=hanging), kafka.bootstrap, group, grace=0.5):
        await send(kafka.bootstrap, [an_order("acc_1", 5)])
        async with asyncio.timeout(30):
            await begun.wait()

    assert sum((await committed(kafka, group)).values()) == 0
    async with consuming(accounts, kafka.bootstrap, group):
        await until(lambda: handled(accounts, 1))
    assert await accounts.amounts() == {"acc_1": [5]}


@pytest.mark.usefixtures("orders")
async def test_a_stop_under_load_is_quick_and_the_next_one_goes_on_from_there(
    accounts: Accounts, kafka: Kafka
) -> None:
    group = a_group()
    await send(kafka.bootstrap, [an_order(f"acc_{n % 20}", n) for n in range(6000)])
    loop = asyncio.get_running_loop()

    async with consuming(accounts, kafka.bootstrap, group):
        await until(lambda: handled(accounts, 500), every=0.01)
        before = loop.time()
    took = loop.time() - before
    left = len(accounts.seen)
    moved_to = sum((await committed(kafka, group)).values())
    async with consuming(accounts, kafka.bootstrap, group):
        await until(lambda: handled(accounts, 6000))

    assert took < 5
    assert moved_to == left < 6000
    assert len(accounts.seen) == 6000


async def test_f9_a_consumer_without_a_group_cannot_be_made(accounts: Accounts) -> None:
    with pytest.raises(ValueError, match="group"):
        Consumption(accounts.consumer, "127.0.0.1:1", "")


async def test_f10_reading_makes_no_topic(accounts: Accounts, kafka: Kafka, topics: Topics) -> None:
    """A misspelt topic would otherwise appear, with one partition, and nobody would notice."""
    await topics.named([ORDERS])
    await topics.remove_all()
    await until(lambda: is_gone(kafka, ORDERS))
    consumption = Consumption(accounts.consumer, kafka.bootstrap, a_group())

    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            await consumption.start()
    await consumption.stop()

    assert await is_gone(kafka, ORDERS)


async def is_gone(kafka: Kafka, topic: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        return topic not in await admin.list_topics()
    finally:
        await admin.close()


@pytest.mark.usefixtures("orders")
async def test_f13_a_record_cannot_have_anything_published(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    target = await topics.unique("billing.commands")
    record = an_order("acc_1", 5, extra=(("reply_to", target.encode()),))

    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, [record])
        await until(lambda: handled(accounts, 1))

    assert await read_all(kafka.bootstrap, target) == []


@pytest.mark.usefixtures("orders")
async def test_f15_a_header_that_stands_twice_is_not_guessed_at(
    accounts: Accounts, kafka: Kafka
) -> None:
    twice = an_order("acc_1", 5, extra=(("ce_id", b"another id"),))

    async with consuming(accounts, kafka.bootstrap):
        await send(kafka.bootstrap, [twice, an_order("acc_1", 6)])
        await until(lambda: handled(accounts, 1))

    assert await accounts.amounts() == {"acc_1": [6]}
    assert await accounts.letters() == [("dead", "ambiguous_header")]
