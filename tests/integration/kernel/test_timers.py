"""What is to happen at a time happens once, in the order in which it is due, each on its clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import PartnerId
from shared.timer import Due, Timer
from shared.timer_loop import TimerLoop
from shared.transaction import TIMERS, Transaction
from tests.integration.kernel.accounts import Accounts

LIVE = PartnerId("ptn_1")
SANDBOX = PartnerId("ptn_test_1")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Alarms:
    """A loop over two kinds of timers, which notes what fires; a `broken` subject fails."""

    accounts: Accounts
    now: datetime = NOON
    fired: list[list[str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.accounts.transactions.live = lambda: self.now
        self.loop = TimerLoop[Transaction](self.accounts.transactions.begin, lambda: self.now)
        self.loop.on("wake", "remind")(self.fire)

    async def fire(self, due: Sequence[Due], tx: Transaction) -> None:
        subjects = [each.timer.subject for each in due]
        for each in due:
            await tx.sql.execute(
                "insert into effect(event_id, account, amount) values (gen_random_uuid(), $1, 1)",
                each.timer.subject,
            )
        if self.broken & set(subjects):
            raise ZeroDivisionError
        self.fired.append(subjects)

    async def set(self, *timers: Timer) -> None:
        async with self.accounts.transactions.begin() as tx:
            await tx.timers.set(timers)

    async def fire_all_due(self) -> list[str]:
        """One after the other what fired, till nothing is due."""
        while await self.loop.fire_due():
            pass
        return [subject for subjects in self.fired for subject in subjects]

    async def effects(self) -> list[str]:
        return [account for (account,) in await self.accounts.rows("select account from effect")]


@pytest.fixture
def alarms(accounts: Accounts) -> Alarms:
    return Alarms(accounts)


def a_timer(
    subject: str,
    due_at: datetime = NOON,
    partner: PartnerId = LIVE,
    kind: str = "wake",
) -> Timer:
    return Timer(kind, subject, "once", due_at, partner, "story")


async def test_a_timer_fires_when_it_is_due_and_then_never_again(alarms: Alarms) -> None:
    await alarms.set(a_timer("sub_1", NOON + HOUR))

    assert await alarms.fire_all_due() == []
    alarms.now = NOON + HOUR
    assert await alarms.fire_all_due() == ["sub_1"]

    await alarms.set(a_timer("sub_1", NOON + 2 * HOUR))
    alarms.now = NOON + 3 * HOUR
    assert await alarms.fire_all_due() == ["sub_1"]


async def test_timers_fire_in_the_order_in_which_they_are_due(alarms: Alarms) -> None:
    await alarms.set(
        a_timer("sub_3", NOON - HOUR),
        a_timer("sub_1", NOON - 3 * HOUR),
        a_timer("sub_2", NOON - 2 * HOUR, kind="remind"),
    )

    assert await alarms.fire_all_due() == ["sub_1", "sub_2", "sub_3"]


async def test_what_is_due_at_one_instant_fires_as_a_set(alarms: Alarms) -> None:
    await alarms.set(*(a_timer(f"sub_{n}") for n in range(3)), a_timer("sub_9", NOON - HOUR))

    await alarms.loop.fire_due()

    assert alarms.fired == [["sub_9"], ["sub_0", "sub_1", "sub_2"]]


async def test_a_sandbox_timer_waits_for_the_clock_of_its_partner(alarms: Alarms) -> None:
    await alarms.set(a_timer("live", NOON), a_timer("sandbox", NOON, SANDBOX))
    async with alarms.accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: NOON - HOUR})

    assert await alarms.fire_all_due() == ["live"]

    async with alarms.accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: NOON + HOUR})
    assert await alarms.fire_all_due() == ["live", "sandbox"]


async def test_a_sandbox_that_is_years_ahead_leaves_live_timers_alone(alarms: Alarms) -> None:
    later = NOON + 9000 * HOUR
    await alarms.set(a_timer("live", later), a_timer("sandbox", later, SANDBOX))
    async with alarms.accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: later})

    assert await alarms.fire_all_due() == ["sandbox"]


async def test_a_timer_of_next_month_gives_nobody_work(alarms: Alarms) -> None:
    async with alarms.accounts.transactions.begin() as tx:
        await tx.timers.set([a_timer("sub_1", NOON + 700 * HOUR)])
        assert not tx.work

    async with alarms.accounts.transactions.begin() as tx:
        await tx.timers.set([a_timer("sub_2", NOON), a_timer("sub_3", NOON + HOUR, SANDBOX)])
        assert tx.work == {TIMERS}


async def test_one_that_fails_is_put_off_and_the_others_fire(alarms: Alarms) -> None:
    alarms.broken = {"sub_2"}
    await alarms.set(*(a_timer(f"sub_{n}") for n in range(5)))

    assert await alarms.fire_all_due() == ["sub_0", "sub_1", "sub_3", "sub_4"]

    assert sorted(await alarms.effects()) == ["sub_0", "sub_1", "sub_3", "sub_4"]
    waiting = (
        "select subject, attempts, detail, not_before > now() from timers where fired_at is null"
    )
    assert await alarms.accounts.rows(waiting) == [("sub_2", 1, "ZeroDivisionError()", True)]


async def test_one_that_was_put_off_fires_once_it_can(alarms: Alarms) -> None:
    alarms.broken = {"sub_1"}
    await alarms.set(a_timer("sub_0"), a_timer("sub_1"), a_timer("sub_2", NOON, SANDBOX))
    async with alarms.accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: NOON})
    await alarms.fire_all_due()

    alarms.broken = set()
    async with alarms.accounts.transactions.begin() as tx:
        await tx.sql.execute("update timers set not_before = null")

    assert await alarms.fire_all_due() == ["sub_0", "sub_2", "sub_1"]
    assert await alarms.accounts.rows("select subject, attempts from timers order by subject") == [
        ("sub_0", 0),
        ("sub_1", 1),
        ("sub_2", 0),
    ]


async def test_one_that_failed_here_and_fired_elsewhere_stays_fired(alarms: Alarms) -> None:
    await alarms.set(a_timer("sub_1"))
    await alarms.fire_all_due()

    async with alarms.accounts.transactions.begin() as tx:
        await tx.timers.postpone(Due(a_timer("sub_1"), NOON, 0), NOON, "it failed")

    assert await alarms.fire_all_due() == ["sub_1"]


async def test_a_timer_that_is_set_again_moves(alarms: Alarms) -> None:
    await alarms.set(a_timer("sub_1", NOON - HOUR))
    await alarms.set(a_timer("sub_1", NOON + HOUR))

    assert await alarms.fire_all_due() == []
    alarms.now = NOON + HOUR
    assert await alarms.fire_all_due() == ["sub_1"]


async def test_a_timer_that_is_cancelled_does_not_fire(alarms: Alarms) -> None:
    await alarms.set(a_timer("sub_1"), a_timer("sub_1", kind="remind"), a_timer("sub_2"))

    async with alarms.accounts.transactions.begin() as tx:
        await tx.timers.cancel(["wake"], ["sub_1"])

    assert await alarms.fire_all_due() == ["sub_2", "sub_1"]
    kinds = await alarms.accounts.rows("select kind, subject from timers order by kind")
    assert kinds == [("remind", "sub_1"), ("wake", "sub_2")]


async def test_timers_that_replace_others_are_all_that_is_left_of_their_kinds(
    alarms: Alarms,
) -> None:
    """One that is there before and after moves to its new time; one that has fired stays fired."""
    await alarms.set(a_timer("sub_3", NOON - HOUR))
    await alarms.fire_all_due()
    await alarms.set(
        a_timer("sub_1", NOON + HOUR),
        a_timer("sub_1", NOON + HOUR, kind="remind"),
        a_timer("sub_2", NOON + HOUR),
    )

    async with alarms.accounts.transactions.begin() as tx:
        await tx.timers.replace(
            ["wake", "remind"],
            ["sub_1", "sub_3"],
            [a_timer("sub_1", NOON), a_timer("sub_3", NOON), a_timer("sub_4", NOON)],
        )

    left = "select kind, subject, due_at from timers where fired_at is null order by subject"
    assert await alarms.accounts.rows(left) == [
        ("wake", "sub_1", NOON),
        ("wake", "sub_2", NOON + HOUR),
        ("wake", "sub_4", NOON),
    ]
    assert await alarms.fire_all_due() == ["sub_3", "sub_1", "sub_4"]


async def test_loops_that_race_fire_each_timer_once(alarms: Alarms) -> None:
    await alarms.set(*(a_timer(f"sub_{n:03}", NOON - HOUR * (n % 7)) for n in range(500)))
    others = [Alarms(alarms.accounts) for _ in range(3)]

    await asyncio.gather(*(each.fire_all_due() for each in others))

    assert sorted(await alarms.effects()) == [f"sub_{n:03}" for n in range(500)]


async def test_what_must_be_heard_first_holds_back_only_what_is_due(alarms: Alarms) -> None:
    asked: list[str] = []

    async def hear_all() -> None:
        asked.append("before")

    alarms.loop.before_fire["remind"] = hear_all
    await alarms.set(a_timer("sub_1"), a_timer("sub_2", NOON + HOUR, kind="remind"))

    await alarms.fire_all_due()
    assert asked == []
    alarms.now = NOON + HOUR
    await alarms.fire_all_due()
    assert asked == ["before"]


async def test_a_timer_of_an_unknown_kind_stays(alarms: Alarms) -> None:
    """As after a return to an older version of a service."""
    await alarms.set(a_timer("sub_1", kind="of tomorrow"), a_timer("sub_2"))

    assert await alarms.fire_all_due() == ["sub_2"]
    assert await alarms.accounts.rows("select kind from timers where fired_at is null") == [
        ("of tomorrow",)
    ]
