"""What a sandbox sent and handled is counted where it happens, and each event once."""

import pytest
from uuid_utils.compat import uuid7

from shared.clock import system_now
from shared.dead_letters import DeadLetters
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_order

SANDBOX = "ptn_test_1"
ORDERED, CREDITED = "test.credit_ordered", "test.account_credited"


async def test_an_event_counts_as_handled_and_what_it_causes_as_sent(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order(partner=SANDBOX), an_order("acc_2", partner=SANDBOX)])

    assert await counted(accounts) == {("handled", ORDERED): 2, ("sent", CREDITED): 2}


async def test_a_live_partner_costs_nothing(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order()])

    assert await counted(accounts) == {}


async def test_an_event_that_comes_again_is_not_counted_again(accounts: Accounts) -> None:
    order = an_order(partner=SANDBOX)

    await accounts.consumer.deliver([order])
    await accounts.consumer.deliver([order, an_order(partner=SANDBOX)])

    assert await counted(accounts) == {("handled", ORDERED): 2, ("sent", CREDITED): 2}


async def test_what_is_rolled_back_is_not_counted(accounts: Accounts) -> None:
    async def fail() -> None:
        async with accounts.transactions.begin() as tx:
            tx.counters.count("sent", SANDBOX, CREDITED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await counted(accounts) == {}


async def test_a_parked_event_counts_once_it_is_handled(accounts: Accounts) -> None:
    faulty = an_order(amount=-1, partner=SANDBOX)
    await accounts.consumer.deliver([faulty])
    assert await counted(accounts) == {}

    async with accounts.transactions.begin() as tx:
        letters = DeadLetters(tx.sql)
        body = (faulty.value or b"").replace(b'"amount":-1', b'"amount":5')
        await letters.replay(1, "operator:ada", system_now(), body)
    await accounts.consumer.retry_parked()

    assert await counted(accounts) == {("handled", ORDERED): 1, ("sent", CREDITED): 1}


async def test_a_discarded_event_counts_as_handled_and_never_comes_again(
    accounts: Accounts,
) -> None:
    faulty = an_order(amount=-1, partner=SANDBOX)
    await accounts.consumer.deliver([faulty])

    async with accounts.transactions.begin() as tx:
        await DeadLetters(tx.sql).discard(1, "operator:ada", "a fault of ours", system_now())
    await accounts.consumer.deliver([faulty])

    assert await counted(accounts) == {("handled", ORDERED): 1}
    assert await accounts.letters() == [("discarded", "failed")]


async def test_to_discard_a_second_content_of_a_known_event_counts_nothing(
    accounts: Accounts,
) -> None:
    name = uuid7()
    await accounts.consumer.deliver([an_order(event_id=name, partner=SANDBOX)])
    await accounts.consumer.deliver([an_order(amount=9, event_id=name, partner=SANDBOX)])
    assert await accounts.letters() == [("dead", "id_reused")]

    async with accounts.transactions.begin() as tx:
        await DeadLetters(tx.sql).discard(1, "operator:ada", "a repeat", system_now())

    assert (await counted(accounts))["handled", ORDERED] == 1


async def counted(accounts: Accounts) -> dict[tuple[str, str], int]:
    rows = await accounts.rows("select direction, topic, n from clock_counters")
    return {(direction, topic): n for direction, topic, n in rows}
