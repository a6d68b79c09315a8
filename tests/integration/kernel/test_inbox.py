"""Each event takes effect at most once, whatever is delivered again."""

import asyncio
from dataclasses import replace

from uuid_utils.compat import uuid7

from tests.integration.kernel.accounts import Accounts, open_accounts
from tests.integration.kernel.records import an_order


async def test_an_event_that_comes_again_changes_nothing(accounts: Accounts) -> None:
    order = an_order("acc_1", 5)

    await accounts.consumer.deliver([order])
    await accounts.consumer.deliver([replace(order, offset=order.offset + 100)])

    assert await accounts.amounts() == {"acc_1": [5]}
    assert await accounts.letters() == []


async def test_an_event_that_stands_twice_in_one_poll_counts_once(accounts: Accounts) -> None:
    order = an_order("acc_1", 5)

    await accounts.consumer.deliver([order, an_order("acc_1", 7), order])

    assert await accounts.amounts() == {"acc_1": [5, 7]}


async def test_an_id_with_other_content_is_a_dead_letter(accounts: Accounts) -> None:
    event_id = uuid7()

    await accounts.consumer.deliver([an_order("acc_1", 5, event_id)])
    await accounts.consumer.deliver([an_order("acc_1", 6, event_id), an_order("acc_1", 7)])

    assert await accounts.amounts() == {"acc_1": [5, 7]}
    assert await accounts.letters() == [("dead", "id_reused")]


async def test_an_id_with_other_content_in_the_same_poll_is_a_dead_letter(
    accounts: Accounts,
) -> None:
    event_id = uuid7()

    await accounts.consumer.deliver(
        [an_order("acc_1", 5, event_id), an_order("acc_1", 6, event_id)]
    )

    assert await accounts.amounts() == {"acc_1": [5]}
    assert await accounts.letters() == [("dead", "id_reused")]


async def test_an_id_of_another_topic_is_another_event(accounts: Accounts) -> None:
    event_id = uuid7()
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute(
            """
            insert into inbox(topic, id, digest, taken_at)
            values ('checkout.completed', $1, '\\x00', '2026-01-01T00:00:00Z')""",
            event_id,
        )

    await accounts.consumer.deliver([an_order("acc_1", 5, event_id)])

    assert await accounts.amounts() == {"acc_1": [5]}


async def test_two_consumers_with_the_same_polls_have_one_effect_each(accounts: Accounts) -> None:
    """As after a rebalance that one of them has not noticed yet."""
    other = await open_accounts(accounts.url, tables=False)
    polls = [[an_order(f"acc_{n % 7}", poll) for n in range(50)] for poll in range(20)]

    async def deliver_all(consumer: Accounts, order: int) -> None:
        for poll in polls:
            await consumer.consumer.deliver(poll[::order])

    await asyncio.gather(deliver_all(accounts, 1), deliver_all(other, -1))

    expected = sorted(poll for poll in range(20) for _ in range(50))
    amounts = await accounts.amounts()
    assert sorted(amount for of_account in amounts.values() for amount in of_account) == expected
    assert await accounts.letters() == []
    await other.close()
