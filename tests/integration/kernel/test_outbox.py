"""What is decided leaves as it was decided: with its state, in order, or not at all."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from shared.outbox import LANES, MAX_EVENT, EventTooLarge, Outgoing, lane_of
from shared.record import Record
from tests.integration.kernel.accounts import PARTNER, AccountCredited, Accounts
from tests.integration.kernel.records import an_account_credited, published


async def test_events_leave_in_the_order_in_which_they_were_added(accounts: Accounts) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.outbox.add([an_account_credited(f"acc_{n % 7}", n) for n in range(1, 200)])
        await tx.outbox.add([an_account_credited("acc_1", 200)])

    rows = await accounts.rows("select version from outbox order by seq")
    assert [version for (version,) in rows] == list(range(1, 201))


async def test_what_is_taken_back_says_nothing(accounts: Accounts) -> None:
    async def work() -> None:
        async with accounts.transactions.begin() as tx:
            await tx.outbox.add([an_account_credited("acc_1", 1)])
            raise ZeroDivisionError

    await asyncio.gather(work(), return_exceptions=True)

    assert await accounts.rows("select from outbox") == []


async def test_one_version_of_an_aggregate_is_told_once(accounts: Accounts) -> None:
    await add(accounts, an_account_credited("acc_1", 1))

    with pytest.raises(asyncpg.UniqueViolationError, match="one_event_a_version"):
        await add(accounts, an_account_credited("acc_1", 1, amount=2))


async def test_an_event_that_no_broker_would_take_is_refused_where_it_is_made(
    accounts: Accounts,
) -> None:
    """Later it would hold up everything behind it."""
    large = an_account_credited("a" * (MAX_EVENT - 100), 1)

    with pytest.raises(EventTooLarge, match=AccountCredited.type):
        await add(accounts, large)

    assert await accounts.rows("select from outbox") == []


async def test_what_leaves_is_a_cloud_event_to_others(accounts: Accounts) -> None:
    outgoing = an_account_credited("acc_1", 3)
    record = await published(accounts, outgoing)

    event = from_binary(as_message(record), JSONFormat())

    assert event.get_type() == AccountCredited.type
    assert event.get_source() == "/perennial/accounts"
    assert event.get_subject() == "acc_1"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_dataschema() == f"{AccountCredited.type}/1"
    time = event.get_time()
    assert time is not None
    assert abs(time - outgoing.at) < timedelta(milliseconds=1)
    assert event.get_extension("partnerid") == PARTNER
    assert event.get_extension("sequence") == "3"
    assert event.get_extension("causationid") == "request:1"
    assert event.get_extension("correlationid") == "request:1"
    assert event.get_extension("actor") == "test"
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["account"]["balance"] == 1


def test_every_key_has_one_lane_and_every_lane_has_keys() -> None:
    lanes = {lane_of(f"acc_{n}") for n in range(1000)}

    assert lanes == set(range(LANES))
    assert lane_of("acc_1") == lane_of("acc_1")


def as_message(record: Record) -> KafkaMessage:
    headers = {name: value for name, value in record.headers if value is not None}
    return KafkaMessage(headers=headers, key=record.key, value=record.value or b"")


async def add(accounts: Accounts, outgoing: Outgoing) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.outbox.add([outgoing])
