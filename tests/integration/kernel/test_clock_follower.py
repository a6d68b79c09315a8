"""A service says what it has done at a stop: when it is at rest, and only what is new."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.clock import NOBODY, Place
from shared.clock_follower import ClockFollower
from shared.contracts.upstream import CheckoutCompleted
from shared.ids import PartnerId
from shared.timer import Due, Timer
from shared.timer_loop import TimerLoop
from shared.transaction import Transaction
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import an_order

SANDBOX = PartnerId("ptn_test_1")
OTHER = PartnerId("ptn_test_2")
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPEN_EFFECTS = "select 'ptn_test_1' as partner_id, 'call ' || account as item from effect"


def a_follower(
    accounts: Accounts, open_effects: str = "select '' as partner_id, '' as item where false"
) -> ClockFollower:
    return ClockFollower(
        "accounts", accounts.transactions.begin, accounts.consumer.topics, open_effects
    )


async def test_whoever_has_the_turn_answers_with_counters_and_next_timer(
    accounts: Accounts,
) -> None:
    await accounts.consumer.deliver([an_order(partner=SANDBOX)])
    await set_timer(accounts, NOON + HOUR)
    await step(accounts, Place(1, 2, 1), "accounts")

    await a_follower(accounts).speak()

    [said] = await settled(accounts)
    assert (said["service"], said["step"], said["phase"], said["round"]) == ("accounts", 1, 2, 1)
    assert said["handled"] == {"test.credit_ordered": 1}
    assert said["sent"] == {"test.account_credited": 1}
    assert said["reads"] == ["test.credit_ordered"]
    assert datetime.fromisoformat(said["next_due_at"]) == NOON + HOUR
    assert (said["open_effects"], said["stuck"]) == (0, [])


async def test_one_answer_is_given_to_one_question(accounts: Accounts) -> None:
    await step(accounts, Place(1, 0, 1), NOBODY)
    replicas = [a_follower(accounts) for _ in range(4)]

    await asyncio.gather(*(each.speak() for each in replicas))
    await replicas[0].speak()

    assert [said["version"] for said in await settled(accounts)] == [1]


async def test_in_another_services_turn_it_speaks_only_if_something_changed(
    accounts: Accounts,
) -> None:
    follower = a_follower(accounts)
    await step(accounts, Place(1, 0, 1), NOBODY)
    await follower.speak()

    await step(accounts, Place(2, 1, 1), "billing")
    await follower.speak()
    assert len(await settled(accounts)) == 1

    await accounts.consumer.deliver([an_order(partner=SANDBOX)])
    await follower.speak()
    [_, said] = await settled(accounts)
    assert (said["step"], said["handled"]) == (2, {"test.credit_ordered": 1})


async def test_it_is_silent_while_the_clock_rests(accounts: Accounts) -> None:
    await step(accounts, Place(1, 5, 1), "everybody")
    await accounts.consumer.deliver([an_order(partner=SANDBOX)])

    await a_follower(accounts).speak()

    assert await settled(accounts) == []


async def test_it_waits_for_its_due_timers_and_open_effects(accounts: Accounts) -> None:
    await set_timer(accounts, NOON)
    follower = a_follower(accounts, OPEN_EFFECTS)
    await step(accounts, Place(1, 2, 1), "accounts")

    assert await follower.speak()
    await fire(accounts)
    await accounts.consumer.deliver([an_order(partner=SANDBOX)])
    assert await follower.speak()
    assert await settled(accounts) == []

    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("delete from effect")
    assert not await follower.speak()
    assert len(await settled(accounts)) == 1


async def test_the_work_of_one_clock_keeps_no_other_waiting(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order(partner=SANDBOX)])
    await step(accounts, Place(1, 0, 1), NOBODY)
    await step(accounts, Place(1, 0, 1), NOBODY, OTHER)

    await a_follower(accounts, OPEN_EFFECTS).speak()

    assert [said["partner_id"] for said in await settled(accounts)] == [OTHER]


async def test_after_a_while_it_names_what_it_is_busy_with(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.consumer.deliver([an_order(partner=SANDBOX)])
    await step(accounts, Place(1, 0, 1), NOBODY)
    follower = a_follower(accounts, OPEN_EFFECTS)
    await follower.speak()

    monkeypatch.setattr("shared.clock_follower.TELL_BUSY_SECONDS", 0)
    await follower.speak()

    [said] = await settled(accounts)
    assert (said["open_effects"], said["open"]) == (1, ["call acc_1"])


async def test_a_parked_event_is_told_at_once_by_its_letter(accounts: Accounts) -> None:
    await accounts.consumer.deliver([an_order(amount=-1, partner=SANDBOX)])
    await accounts.consumer.deliver([an_order("acc_2", amount=-1)])
    await step(accounts, Place(1, 0, 1), NOBODY)

    await a_follower(accounts).speak()

    [said] = await settled(accounts)
    [stuck] = said["stuck"]
    assert stuck.startswith("letter 1 (test.credit_ordered): failed, ")


async def test_a_timer_that_fails_is_told_by_its_name(accounts: Accounts) -> None:
    await set_timer(accounts, NOON)
    await step(accounts, Place(1, 2, 1), "accounts")
    await fire(accounts, broken=True)

    await a_follower(accounts).speak()

    [said] = await settled(accounts)
    assert said["stuck"] == ["timer wake of sub_1: ZeroDivisionError()"]


async def test_what_stands_on_an_outside_topic_comes_before_the_first_answer(
    accounts: Accounts,
) -> None:
    caught_up = asyncio.Event()

    async def catch_up(topics: Any) -> None:
        assert list(topics) == ["checkout.completed"]
        await caught_up.wait()

    follower = ClockFollower(
        "accounts",
        accounts.transactions.begin,
        [*accounts.consumer.topics, CheckoutCompleted.type],
        "select '' as partner_id, '' as item where false",
        catch_up,
    )
    await step(accounts, Place(1, 0, 1), NOBODY)
    assert await follower.speak()
    assert await settled(accounts) == []

    caught_up.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await follower.speak()
    assert len(await settled(accounts)) == 1


async def step(accounts: Accounts, place: Place, turn: str, partner: PartnerId = SANDBOX) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.clocks.step(partner, f"clk_{partner}", NOON, place, turn)


async def set_timer(accounts: Accounts, due_at: datetime) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.timers.set([Timer("wake", "sub_1", "once", due_at, SANDBOX, "story")])


async def fire(accounts: Accounts, *, broken: bool = False) -> None:
    loop = TimerLoop[Transaction](accounts.transactions.begin)

    @loop.on("wake")
    async def wake(due: Any, tx: Transaction) -> None:
        del tx
        assert all(isinstance(each, Due) for each in due)
        if broken:
            raise ZeroDivisionError

    while await loop.fire_due():
        pass


async def settled(accounts: Accounts) -> list[dict[str, Any]]:
    rows = await accounts.rows(
        "select payload from outbox where topic = 'clock.settled' order by seq"
    )
    return [orjson.loads(payload)["settled"] for (payload,) in rows]
