"""Records that were dropped before they were read stop everything; gaps of another kind do not."""

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from shared.testing.kafka import Kafka, Topics
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_order
from tests.integration.kernel.running import (
    ORDERS,
    a_group,
    committed,
    consuming,
    handled,
    send,
    until,
)


@pytest.fixture(autouse=True)
async def one_partition(topics: Topics) -> None:
    await topics.named([ORDERS], partitions=1)


async def test_a10_a_new_group_begins_with_the_oldest_record(
    accounts: Accounts, kafka: Kafka
) -> None:
    await send(kafka.bootstrap, [an_order("acc_1", n) for n in range(10)])

    async with consuming(accounts, kafka.bootstrap):
        await until(lambda: handled(accounts, 10))

    assert await accounts.amounts() == {"acc_1": list(range(10))}


@pytest.mark.parametrize("left", [0, 5])
async def test_a10_what_was_dropped_while_nobody_read_stops_the_reader(
    accounts: Accounts, kafka: Kafka, left: int
) -> None:
    group = a_group()
    async with consuming(accounts, kafka.bootstrap, group):
        await send(kafka.bootstrap, [an_order("acc_1", n) for n in range(10)])
        await until(lambda: handled(accounts, 10))
    await send(kafka.bootstrap, [an_order("acc_1", n) for n in range(10, 20)])
    await drop(kafka, before=20 - left)

    async with consuming(accounts, kafka.bootstrap, group, ready=False) as reading:
        await until(lambda: reading.lost is not None)

        assert not reading.ready
        assert reading.lost == f"{ORDERS}/0: 10 to {19 - left}"
    assert await accounts.amounts() == {"acc_1": list(range(10))}
    assert await committed(kafka, group) == {0: 10}


async def test_a10_a_group_that_has_read_nothing_yet_notices_too(
    accounts: Accounts, kafka: Kafka
) -> None:
    group = a_group()
    async with consuming(accounts, kafka.bootstrap, group):
        await until(lambda: has_committed(kafka, group))
    await send(kafka.bootstrap, [an_order("acc_1", n) for n in range(10)])
    await drop(kafka, before=3)

    async with consuming(accounts, kafka.bootstrap, group, ready=False) as reading:
        await until(lambda: reading.lost is not None)

    assert await accounts.amounts() == {}


async def test_a10_what_others_send_in_transactions_is_no_loss(
    accounts: Accounts, kafka: Kafka
) -> None:
    """Each transaction leaves a mark that takes an offset and is no record."""
    async with consuming(accounts, kafka.bootstrap) as reading:
        for n in range(5):
            await send_in_a_transaction(kafka, n)
            await until(lambda: handled(accounts, n + 1))  # noqa: B023  awaited within the loop

        await reading.catch_up([ORDERS])
        assert (reading.lost, await reading.lag()) == (None, 0)
    assert await accounts.amounts() == {"acc_1": list(range(5))}


async def send_in_a_transaction(kafka: Kafka, amount: int) -> None:
    record = an_order("acc_1", amount)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id="a shop")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(ORDERS, record.value, record.key, headers=list(record.headers))
    await producer.stop()


async def drop(kafka: Kafka, before: int) -> None:
    """As retention does it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(ORDERS, 0): RecordsToDelete(before)})
    await admin.close()


async def has_committed(kafka: Kafka, group: str) -> bool:
    return await committed(kafka, group) != {}
