"""Partitions that go to another process: drained, committed, and only then let go."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from shared.consumer import Consumer
from shared.received import Received
from shared.record import Record
from shared.testing.kafka import Kafka, Topics
from shared.transaction import Transaction
from tests.integration.kernel.accounts import Accounts, CreditOrdered, open_accounts
from tests.integration.kernel.records import an_order
from tests.integration.kernel.running import ORDERS, a_group, consuming, handled, send, until

# A member hears of another one with its next heartbeat, every 3 seconds.
LONGER_THAN_A_HEARTBEAT = 4.5


class Watched(Consumer[Transaction]):
    """Notes what is delivered, repeats included."""

    delivered: list[tuple[int, int]]

    @override
    async def deliver(self, records: Sequence[Record]) -> None:
        self.delivered += [(each.partition, each.offset) for each in records]
        await super().deliver(records)


def watched(accounts: Accounts, work: float = 0) -> tuple[Accounts, Watched]:
    """The first of its polls takes `work` seconds."""
    consumer = Watched(accounts.transactions.begin)
    consumer.delivered = []
    works = [work]

    @consumer.on(CreditOrdered)
    async def credit(received: Sequence[Received[CreditOrdered]], tx: Transaction) -> None:
        await asyncio.sleep(works.pop() if works else 0)
        await accounts.credit(received, tx)

    return replace(accounts, consumer=consumer), consumer


async def test_a6_a_poll_in_hand_is_handled_and_committed_before_another_takes_over(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    await topics.named([ORDERS])
    group = a_group()
    orders = [an_order(f"acc_{n % 20}", n) for n in range(200)]
    second_accounts = await open_accounts(accounts.url, tables=False)
    busy, first = watched(accounts, LONGER_THAN_A_HEARTBEAT)
    joining, second = watched(second_accounts)

    async with consuming(busy, kafka.bootstrap, group):
        await send(kafka.bootstrap, orders)
        await until(lambda: first.delivered != [])
        async with consuming(joining, kafka.bootstrap, group):
            await until(lambda: handled(accounts, 200))
            await send(kafka.bootstrap, [an_order(f"acc_{n % 20}", n) for n in range(200, 400)])
            await until(lambda: handled(accounts, 400))
    await second_accounts.close()

    delivered = first.delivered + second.delivered
    assert len(delivered) == len(set(delivered)) == 400
    assert second.delivered != []
    assert await accounts.amounts() == {f"acc_{n}": list(range(n, 400, 20)) for n in range(20)}


async def test_a_member_that_leaves_gives_its_partitions_to_the_others(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    await topics.named([ORDERS])
    group = a_group()
    second_accounts = await open_accounts(accounts.url, tables=False)

    async with consuming(accounts, kafka.bootstrap, group):
        async with consuming(second_accounts, kafka.bootstrap, group):
            await send(kafka.bootstrap, [an_order(f"acc_{n}", 1) for n in range(20)])
            await until(lambda: handled(accounts, 20))
        await send(kafka.bootstrap, [an_order(f"acc_{n}", 2) for n in range(20)])
        await until(lambda: handled(accounts, 40))
    await second_accounts.close()

    assert await accounts.amounts() == {f"acc_{n}": [1, 2] for n in range(20)}
