"""From the outbox to Kafka: at least once, of each key in order, nothing skipped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.database import plain_url
from shared.outbox import Outgoing
from shared.relay import Relay
from shared.testing.kafka import Kafka, Topics
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_account_credited
from tests.integration.kernel.running import CREDITED, first_versions, header, read_all, until


@pytest.fixture
async def topic(topics: Topics) -> str:
    (name,) = await topics.named([CREDITED])
    return name


async def test_everything_goes_out_once_and_of_each_key_in_order(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    await add(accounts, *(an_account_credited(f"acc_{n % 50}", n // 50 + 1) for n in range(2000)))

    async with a_relay(accounts, kafka) as relay:
        assert [await relay.round() for _ in range(5)] == [500, 500, 500, 500, 0]
        assert await unmarked(accounts) == 0

    records = await read_all(kafka.bootstrap, topic)
    assert len(records) == 2000
    assert first_versions(records) == {f"acc_{n}": list(range(1, 41)) for n in range(50)}


async def test_what_went_out_is_marked_with_the_next_read_or_at_the_end(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    async with a_relay(accounts, kafka) as relay:
        await add(accounts, an_account_credited("acc_1", 1))
        assert await relay.round() == 1
        await add(accounts, an_account_credited("acc_1", 2))
        assert await relay.round() == 1
        assert await unmarked(accounts) == 1
    assert await unmarked(accounts) == 0
    assert len(await read_all(kafka.bootstrap, topic)) == 2


async def test_a_row_that_commits_late_is_found(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    """Its number was drawn before that of a row which has gone out long ago."""
    async with a_relay(accounts, kafka) as relay:
        async with accounts.transactions.begin() as tx:
            await tx.outbox.add([an_account_credited("late", 1)])
            await add(accounts, an_account_credited("early", 1))
            assert await relay.round() == 1
        assert await relay.round() == 1

    records = await read_all(kafka.bootstrap, topic)
    assert sorted(record.key for record in records) == [b"early", b"late"]


async def test_what_was_sent_and_not_marked_goes_out_again_under_the_same_id(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    await add(accounts, *(an_account_credited("acc_1", n) for n in range(1, 11)))
    await forbid_marking(accounts)

    async with a_relay(accounts, kafka) as relay:
        assert await relay.round() == 10
    await allow_marking(accounts)
    async with a_relay(accounts, kafka) as successor:
        assert await successor.round() == 10

    records = await read_all(kafka.bootstrap, topic)
    ids = [header(record, "ce_id") for record in records]
    assert (len(ids), ids[:10]) == (20, ids[10:])
    assert await unmarked(accounts) == 0


async def test_two_relays_take_turns_and_break_no_order(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    """Whoever holds the lanes loses its session again and again, in the middle of its work."""
    async with asyncio.TaskGroup() as group:
        relays = [Relay(accounts.url, kafka.bootstrap) for _ in range(2)]
        running = [group.create_task(each.run(accounts.transactions.wake)) for each in relays]
        for version in range(1, 41):
            await add(accounts, *(an_account_credited(f"acc_{n}", version) for n in range(20)))
            if version % 10 == 0:
                await end_the_session_with_the_lanes(accounts)
        await until(lambda: all_marked(accounts))
        for each in running:
            each.cancel()

    records = await read_all(kafka.bootstrap, topic)
    assert first_versions(records) == {f"acc_{n}": list(range(1, 41)) for n in range(20)}


async def test_a_lane_has_one_relay_at_a_time(accounts: Accounts, kafka: Kafka, topic: str) -> None:
    async with a_relay(accounts, kafka) as first, a_relay(accounts, kafka) as second:
        await first.round()
        await second.round()
        await add(accounts, an_account_credited("acc_1", 1))

        assert await second.round() == 0
        assert await first.round() == 1
    assert len(await read_all(kafka.bootstrap, topic)) == 1


async def test_what_cannot_be_sent_holds_up_its_own_key_and_no_other(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    await add(accounts, *(an_account_credited("acc_1", n) for n in (1, 2, 3)))
    await add(accounts, an_account_credited("acc_2", 1))
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute(
            "update outbox set payload = convert_to(repeat('x', 3000000), 'UTF8')"
            " where subject = 'acc_1' and version = 2"
        )

    async with a_relay(accounts, kafka) as relay:
        for _ in range(3):
            with pytest.raises(Exception, match="larger than"):
                await relay.round()

    assert first_versions(await read_all(kafka.bootstrap, topic)) == {"acc_1": [1], "acc_2": [1]}
    assert await unmarked(accounts) == 2


async def test_a_commit_wakes_the_relay_at_once(
    accounts: Accounts, kafka: Kafka, topic: str
) -> None:
    relay = asyncio.create_task(
        Relay(accounts.url, kafka.bootstrap).run(accounts.transactions.wake)
    )
    await add(accounts, an_account_credited("acc_1", 1))
    await until(lambda: all_marked(accounts))
    await asyncio.sleep(0.1)

    waits = [await time_to_leave(accounts, version) for version in range(2, 12)]
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)

    assert sorted(waits)[5] < 0.2
    assert len(await read_all(kafka.bootstrap, topic)) == 11


@asynccontextmanager
async def a_relay(accounts: Accounts, kafka: Kafka) -> AsyncIterator[Relay]:
    relay = Relay(accounts.url, kafka.bootstrap)
    yield relay
    await relay.close()


async def add(accounts: Accounts, *outgoing: Outgoing) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.outbox.add(outgoing)


async def unmarked(accounts: Accounts) -> int:
    ((count,),) = await accounts.rows("select count(*) from outbox where published_at is null")
    found: int = count
    return found


async def all_marked(accounts: Accounts) -> bool:
    return await unmarked(accounts) == 0


async def time_to_leave(accounts: Accounts, version: int) -> float:
    loop = asyncio.get_running_loop()
    before = loop.time()
    await add(accounts, an_account_credited("acc_1", version))
    await until(lambda: all_marked(accounts), every=0.005)
    return loop.time() - before


async def forbid_marking(accounts: Accounts) -> None:
    """As a crash between the broker's answer and the mark: the mark is never made."""
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute(
            """
            create function crash() returns trigger language plpgsql
            as $$ begin raise 'crash'; end $$"""
        )
        await tx.sql.execute(
            "create trigger crash before update on outbox for each row execute function crash()"
        )


async def allow_marking(accounts: Accounts) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("drop trigger crash on outbox")


async def end_the_session_with_the_lanes(accounts: Accounts) -> None:
    connection = await asyncpg.connect(plain_url(accounts.url))
    await connection.execute(
        """
        select pg_terminate_backend(pid) from pg_locks
        where locktype = 'advisory' and classid = 7001
          and database = (select oid from pg_database where datname = current_database())
        group by pid"""
    )
    await connection.close()
