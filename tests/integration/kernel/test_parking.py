"""What cannot be handled waits without holding up anything but its own key."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import model_validator

from shared.consumer import Consumer, Unavailable
from shared.parking import BACK_OFF
from shared.received import Received
from shared.record import headers_from_json
from shared.transaction import Transaction
from tests.integration.kernel.accounts import Accounts, CreditOrdered
from tests.integration.kernel.records import an_order


async def test_a_poisoned_key_waits_while_the_others_flow(accounts: Accounts) -> None:
    await accounts.consumer.deliver(
        [
            an_order("acc_1", 1),
            an_order("acc_2", 2),
            an_order("acc_1", -1),
            an_order("acc_1", 3),
            an_order("acc_2", 4),
        ]
    )
    await accounts.consumer.deliver([an_order("acc_1", 5), an_order("acc_2", 6)])

    assert await accounts.amounts() == {"acc_1": [1], "acc_2": [2, 4, 6]}
    assert await accounts.letters() == [
        ("parked", "failed"),
        ("parked", "behind"),
        ("parked", "behind"),
    ]


async def test_what_waits_is_handled_in_order_once_the_first_can_be(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order("acc_1", -1), an_order("acc_1", 3)])
    await accounts.consumer.deliver([an_order("acc_1", 4)])
    await mend(accounts, amount=2)

    assert await accounts.consumer.retry_parked() == 3
    await accounts.consumer.deliver([an_order("acc_1", 5)])

    assert await accounts.amounts() == {"acc_1": [2, 3, 4, 5]}
    assert await accounts.letters() == [
        ("handled", "failed"),
        ("handled", "behind"),
        ("handled", "behind"),
    ]


async def test_what_keeps_failing_is_tried_later_and_later(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order("acc_1", -1), an_order("acc_1", 3)])
    waited = []

    for _ in BACK_OFF[1:]:
        await make_due(accounts)
        assert await accounts.consumer.retry_parked() == 1
        rows = await accounts.rows(
            "select next_at - clock_timestamp() from parked where reason = 'failed'"
        )
        waited.append(rows[0][0])

    assert [round(each / timedelta(seconds=1)) for each in waited] == [5, 30, 120, 600, 3600]
    assert await accounts.amounts() == {}


async def test_what_fails_to_the_end_is_dead_and_its_key_stays_blocked(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order("acc_1", -1), an_order("acc_1", 3)])

    for _ in BACK_OFF:
        await make_due(accounts)
        await accounts.consumer.retry_parked()
    await accounts.consumer.deliver([an_order("acc_1", 4)])
    await make_due(accounts)

    assert await accounts.consumer.retry_parked() == 0
    assert await accounts.amounts() == {}
    assert await accounts.letters() == [
        ("dead", "exhausted"),
        ("parked", "behind"),
        ("parked", "behind"),
    ]
    (detail,) = await accounts.rows("select detail from parked where state = 'dead'")
    assert detail == ("NegativeAmount('-1 for acc_1')",)


async def test_a_record_that_never_ends_in_time_waits_while_the_others_flow(
    accounts: Accounts,
) -> None:
    slow = out_of_time(accounts, amount=13)

    await slow.deliver([an_order("acc_1", 13), an_order("acc_1", 3), an_order("acc_2", 4)])

    assert await accounts.amounts() == {"acc_2": [4]}
    assert await accounts.letters() == [("parked", "failed"), ("parked", "behind")]


async def test_a_record_that_never_ends_in_time_is_dead_at_last(accounts: Accounts) -> None:
    slow = out_of_time(accounts, amount=13)
    await slow.deliver([an_order("acc_1", 13)])

    for _ in BACK_OFF:
        await make_due(accounts)
        await slow.retry_parked()

    assert await accounts.letters() == [("dead", "exhausted")]
    ((detail,),) = await accounts.rows("select detail from parked")
    assert "statement timeout" in detail


async def test_each_try_that_ran_out_of_time_is_a_sign_of_life(accounts: Accounts) -> None:
    """Else the watchdog would end the process before the record at fault is found."""
    slow = out_of_time(accounts, amount=13)
    signs: list[None] = []
    slow.on_failed_try = lambda: signs.append(None)

    await slow.deliver([an_order("acc_1", 13)])

    assert len(signs) == 4


async def test_while_the_database_is_away_nothing_is_given_up(accounts: Accounts) -> None:
    away = Consumer[Transaction](accounts.transactions.begin)

    @away.on(CreditOrdered)
    async def lose_the_connection(_: Sequence[Received[CreditOrdered]], tx: Transaction) -> None:
        await tx.sql.execute("select pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Unavailable):
        await away.deliver([an_order("acc_1", 1)])

    assert await accounts.letters() == []


async def test_a_poll_that_comes_again_parks_nothing_twice(accounts: Accounts) -> None:
    poll = [an_order("acc_1", -1), an_order("acc_1", 3), an_order("acc_2", 4)]

    await accounts.consumer.deliver(poll)
    await accounts.consumer.deliver(poll)

    assert len(await accounts.letters()) == 2
    assert await accounts.amounts() == {"acc_2": [4]}


async def test_a_handled_letter_that_is_delivered_again_changes_nothing(accounts: Accounts) -> None:
    poll = [an_order("acc_1", 3), an_order("acc_1", -1)]
    await accounts.consumer.deliver(poll)
    await mend(accounts, amount=2)
    await accounts.consumer.retry_parked()

    await accounts.consumer.deliver(poll[:1])

    assert await accounts.amounts() == {"acc_1": [3, 2]}
    assert await accounts.letters() == [("handled", "failed")]


async def test_a_reused_id_that_waited_in_the_queue_becomes_a_dead_letter(
    accounts: Accounts,
) -> None:
    first = an_order("acc_1", 7)
    other_content = replace(an_order("acc_1", 8), headers=first.headers)
    await accounts.consumer.deliver([first, an_order("acc_1", -1), other_content])
    await mend(accounts, amount=2)

    await accounts.consumer.retry_parked()

    assert await accounts.amounts() == {"acc_1": [7, 2]}
    assert await accounts.letters() == [("handled", "failed"), ("dead", "id_reused")]


async def test_a_letter_that_another_process_tries_is_left_to_it(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order("acc_1", -1), an_order("acc_2", -1)])
    await make_due(accounts)

    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("select from parked where key = 'acc_1' for update")
        assert await accounts.consumer.retry_parked() == 1

    attempts = await accounts.rows("select key, attempts from parked order by n")
    assert attempts == [(b"acc_1", 0), (b"acc_2", 1)]


async def test_a_letter_keeps_every_byte_of_its_record(accounts: Accounts) -> None:
    record = replace(
        an_order("acc_1"),
        key=b"\xff\x00key",
        value=b'\x00{"credit": \xfe',
        headers=(("ce_id", b"\xff\xfe"), ("x-null", None), ("", b""), ("x", b"1"), ("x", b"2")),
    )

    await accounts.consumer.deliver([record])

    ((*place, key, value, headers),) = await accounts.rows(
        "select topic, partition, at_offset, key, value, headers from parked"
    )
    assert place == [record.topic, record.partition, record.offset]
    assert (key, value, headers_from_json(headers)) == (record.key, record.value, record.headers)


async def test_a_key_of_any_length_can_wait(accounts: Accounts) -> None:
    key = secrets.token_bytes(65536)
    first, second = replace(an_order(amount=-1), key=key), replace(an_order(amount=3), key=key)

    await accounts.consumer.deliver([first, second, an_order("acc_2", 2)])

    assert await accounts.amounts() == {"acc_2": [2]}
    assert await accounts.letters() == [("parked", "failed"), ("parked", "behind")]


class Faulty(CreditOrdered):
    """A contract whose reader has a fault."""

    type = "test.faulty"

    @model_validator(mode="before")
    @classmethod
    def divide(cls, body: object) -> object:
        raise ZeroDivisionError(body)


async def test_a_record_whose_reader_breaks_is_a_dead_letter(accounts: Accounts) -> None:
    accounts.consumer.on(Faulty)(accounts.credit)

    await accounts.consumer.deliver(
        [replace(an_order(topic=Faulty.type), headers=(("ce_id", b"1"),)), an_order("acc_2", 2)]
    )

    assert await accounts.amounts() == {"acc_2": [2]}
    assert await accounts.letters() == [("dead", "unreadable")]


async def test_a_reason_with_a_null_character_in_it_can_be_kept(accounts: Accounts) -> None:
    """A field's name is the sender's to choose, and PostgreSQL's texts hold no such character."""
    order = an_order("acc_1")
    hostile = replace(order, value=b'{"credit": {"notes": {"a\\u0000": 1}}}')

    await accounts.consumer.deliver([hostile, an_order("acc_2", 2)])

    assert await accounts.amounts() == {"acc_2": [2]}
    assert await accounts.letters() == [("dead", "invalid_body")]


async def mend(accounts: Accounts, amount: int) -> None:
    """As if the fault were mended: the amount below zero gets another, and all is due at once."""
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute(
            """
            update parked
            set value = convert_to(replace(convert_from(value, 'UTF8'), '"amount":-1',
                                           '"amount":' || $1), 'UTF8')""",
            str(amount),
        )
    await make_due(accounts)


async def make_due(accounts: Accounts) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("update parked set next_at = '2026-01-01' where state = 'parked'")


def out_of_time(accounts: Accounts, *, amount: int) -> Consumer[Transaction]:
    """The accounts, but a credit of this amount takes longer than a statement may."""
    slow = Consumer[Transaction](accounts.transactions.begin)

    @slow.on(CreditOrdered)
    async def credit(received: Sequence[Received[CreditOrdered]], tx: Transaction) -> None:
        if any(each.event.credit.amount == amount for each in received):
            await tx.sql.execute("set local statement_timeout = '20ms'")
            await tx.sql.execute("select pg_sleep(5)")
        await accounts.credit(received, tx)

    return slow
