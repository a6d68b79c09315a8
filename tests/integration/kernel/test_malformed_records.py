"""Whatever strangers send, it is kept byte for byte with its reason, and the good ones get through."""

from collections.abc import Sequence
from dataclasses import replace

from shared.consumer import Consumer
from shared.contracts.upstream import CheckoutCompleted
from shared.malformed import Reason
from shared.received import Received
from shared.record import headers_from_json
from shared.testing.kafka import Kafka, Topics
from shared.transaction import Transaction
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.malformed import a_good_one, all_kinds
from tests.integration.kernel.running import consuming, read_all, send


async def test_300_kinds_of_malformed_records_become_dead_letters_as_they_came(
    accounts: Accounts, kafka: Kafka, topics: Topics
) -> None:
    (topic,) = await topics.named([CheckoutCompleted.type])
    bad = list(all_kinds())
    between = [[record, a_good_one(n)] for n, record in enumerate(bad)]
    await send(kafka.bootstrap, [record for pair in between for record in pair])

    async with consuming(with_checkouts(accounts), kafka.bootstrap) as consumption:
        await consumption.catch_up([topic], patience=60)

    assert len(bad) == 300
    handled = await accounts.rows("select account from effect")
    assert sorted(handled) == sorted((f"order {n}",) for n in range(300))
    letters = await accounts.rows(
        "select partition, at_offset, key, value, headers, state, reason from parked"
    )
    sent = {(each.partition, each.offset): each for each in await read_all(kafka.bootstrap, topic)}
    assert len(letters) == 300
    for partition, offset, key, value, headers, state, reason in letters:
        record = sent[partition, offset]
        assert (key, value, headers_from_json(headers)) == (
            record.key,
            record.value,
            tuple(record.headers),
        )
        assert (state, Reason(reason)) == ("dead", reason)
        assert reason != Reason.UNREADABLE


def with_checkouts(accounts: Accounts) -> Accounts:
    """A service that takes every checkout it can read."""
    consumer = Consumer[Transaction](accounts.transactions.begin)

    @consumer.on(CheckoutCompleted)
    async def take(received: Sequence[Received[CheckoutCompleted]], tx: Transaction) -> None:
        await tx.sql.execute(
            """
            insert into effect(event_id, account, amount)
            select id, checkout, 1 from unnest($1::uuid[], $2::text[]) as t(id, checkout)""",
            [each.id for each in received],
            [each.event.checkout_id for each in received],
        )

    return replace(accounts, consumer=consumer)
