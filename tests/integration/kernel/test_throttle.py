"""The broker of the first minute forgets what is not read in time: the relay waits for the readers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.clock import system_now
from shared.consumer import Consumer
from shared.kafka import Consumption
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.received import Received
from shared.relay import Relay
from shared.testing.postgres import FreshDatabase
from shared.throttle import MockThrottle
from shared.transaction import Transaction
from tests.integration.kernel.accounts import (
    PARTNER,
    Accounts,
    CreditOrdered,
    CreditState,
    open_accounts,
)
from tests.integration.kernel.running import a_group, consuming, handled, until

RECORDS = 30_000
LARGE = 120_000


async def test_a_slow_reader_loses_nothing_though_far_more_is_sent_than_the_broker_holds(
    embedded_kafka: str, fresh_database: FreshDatabase
) -> None:
    """Some 20 MB of one key, and so of one partition, of which the broker keeps the last 5."""
    source = await open_accounts(await fresh_database())
    reader = slow(await open_accounts(await fresh_database()))
    group = a_group()
    await fill(source)

    async with consuming(reader, embedded_kafka, group, fetch_max_wait_ms=10) as consumption:
        relay = Relay(source.url, embedded_kafka, throttle=MockThrottle(embedded_kafka, [group]))
        running = asyncio.create_task(relay.run(source.transactions.wake))
        await until(lambda: ended(consumption, reader), seconds=90, every=0.5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert consumption.lost is None

    assert await reader.amounts() == {"acc_1": list(range(RECORDS))}
    assert await reader.letters() == []
    await source.close()
    await reader.close()


async def ended(consumption: Consumption, reader: Accounts) -> bool:
    return consumption.lost is not None or await handled(reader, RECORDS)


def slow(accounts: Accounts) -> Accounts:
    consumer = Consumer[Transaction](accounts.transactions.begin)

    @consumer.on(CreditOrdered)
    async def credit(received: Sequence[Received[CreditOrdered]], tx: Transaction) -> None:
        await asyncio.sleep(0.1)
        await accounts.credit(received, tx)

    return replace(accounts, consumer=consumer)


async def fill(source: Accounts) -> None:
    for start in range(0, RECORDS, 1000):
        async with source.transactions.begin() as tx:
            await tx.outbox.add([an_order(n) for n in range(start, start + 1000)])


def an_order(n: int) -> Outgoing:
    """The first ones are so large that one read of the outbox holds more than the broker does."""
    state = CreditState(
        partner_id=PARTNER,
        version=1,
        id=f"crd_{n}",
        account_id="acc_1",
        amount=n,
        notes={"text": "x" * (LARGE if n < 50 else 10)},
    )
    return Outgoing(CreditOrdered(credit=state), Origin.first("test", "request:1"), system_now())
