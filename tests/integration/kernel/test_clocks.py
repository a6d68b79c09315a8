"""A sandbox partner's clock is followed, moves forward only, and is nobody else's."""

from datetime import UTC, datetime, timedelta

from shared.contracts.customers import ClockState, ClockStepped
from shared.contracts.event import Change
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.test_clock import listen_for_clocks
from shared.timer import Timer
from shared.transaction import INTENTS, TIMERS
from tests.integration.kernel.accounts import Accounts
from tests.integration.kernel.records import published

SANDBOX = PartnerId("ptn_test_1")
OTHER_SANDBOX = PartnerId("ptn_test_2")
LIVE = PartnerId("ptn_1")
NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_a_live_partner_lives_in_real_time(accounts: Accounts) -> None:
    real = datetime(2026, 5, 5, tzinfo=UTC)
    accounts.transactions.live = lambda: real

    async with accounts.transactions.begin() as tx:
        await tx.clocks.observe({LIVE: NEW_YEAR})
        assert await tx.clocks.now_by_partner({LIVE, SANDBOX}) == {LIVE: real, SANDBOX: real}


async def test_an_event_from_a_later_time_moves_the_clock_there(accounts: Accounts) -> None:
    await observe(accounts, SANDBOX, NEW_YEAR)

    assert await stands_at(accounts, SANDBOX) == NEW_YEAR


async def test_a_clock_never_goes_back(accounts: Accounts) -> None:
    await observe(accounts, SANDBOX, NEW_YEAR)
    await observe(accounts, SANDBOX, NEW_YEAR - DAY)
    await step(accounts, NEW_YEAR - DAY, (1, 0, 0))

    assert await stands_at(accounts, SANDBOX) == NEW_YEAR


async def test_steps_that_come_late_change_nothing(accounts: Accounts) -> None:
    await step(accounts, NEW_YEAR, (2, 0, 0))
    await step(accounts, NEW_YEAR + DAY, (1, 4, 0))

    assert await stands_at(accounts, SANDBOX) == NEW_YEAR
    rows = await accounts.rows("select step, phase, round from clocks")
    assert rows == [(2, 0, 0)]


async def test_the_clock_of_one_sandbox_is_not_that_of_another(accounts: Accounts) -> None:
    await observe(accounts, SANDBOX, NEW_YEAR)
    await observe(accounts, OTHER_SANDBOX, NEW_YEAR + DAY)

    assert await stands_at(accounts, SANDBOX) == NEW_YEAR
    assert await stands_at(accounts, OTHER_SANDBOX) == NEW_YEAR + DAY


async def test_only_a_clock_that_moved_gives_work(accounts: Accounts) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: NEW_YEAR})
        assert tx.work == {TIMERS, INTENTS}

    async with accounts.transactions.begin() as tx:
        await tx.clocks.observe({SANDBOX: NEW_YEAR - DAY, LIVE: NEW_YEAR})
        assert not tx.work


async def test_a_step_that_is_published_is_followed(accounts: Accounts) -> None:
    listen_for_clocks(accounts.consumer)

    await accounts.consumer.deliver([await published(accounts, stepped(NEW_YEAR))])

    rows = await accounts.rows("select partner_id, clock_id, now, step, phase, round from clocks")
    assert rows == [(SANDBOX, "clk_1", NEW_YEAR, 3, 1, 2)]


async def test_any_event_of_a_sandbox_tells_how_late_it_is(accounts: Accounts) -> None:
    """It may come before the step itself does, since topics are read in no order."""
    listen_for_clocks(accounts.consumer)

    await accounts.consumer.deliver(
        [await published(accounts, stepped(NEW_YEAR, told_at=NEW_YEAR + DAY))]
    )

    assert await stands_at(accounts, SANDBOX) == NEW_YEAR + DAY


async def test_timers_fire_in_their_services_turn_and_not_beyond_its_stop(
    accounts: Accounts,
) -> None:
    await set_timers(accounts, NEW_YEAR, NEW_YEAR + DAY)
    async with accounts.transactions.begin() as tx:
        await tx.clocks.step(SANDBOX, "clk_1", NEW_YEAR, (1, 1, 0), "billing")
    assert await due(accounts) == []

    async with accounts.transactions.begin() as tx:
        await tx.clocks.step(SANDBOX, "clk_1", NEW_YEAR, (1, 2, 0), "accounts")
        # Heard early: another service is at the next stop already, whose turn we do not know.
        await tx.clocks.observe({SANDBOX: NEW_YEAR + DAY})
    assert await due(accounts) == [NEW_YEAR]


async def test_while_a_clock_rests_timers_fire_as_they_fall_due(accounts: Accounts) -> None:
    await step(accounts, NEW_YEAR, (1, 5, 0))
    await set_timers(accounts, NEW_YEAR - DAY, NEW_YEAR + DAY)

    assert await due(accounts) == [NEW_YEAR - DAY]


async def set_timers(accounts: Accounts, *instants: datetime) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.timers.set(
            [Timer("wake", "sub_1", str(at), at, SANDBOX, "story") for at in instants]
        )


async def due(accounts: Accounts) -> list[datetime]:
    async with accounts.transactions.begin() as tx:
        return [
            each.timer.due_at for each in await tx.timers.claim(NEW_YEAR, NEW_YEAR, ["wake"], 9)
        ]


def stepped(now: datetime, told_at: datetime = NEW_YEAR) -> Outgoing:
    state = ClockState(partner_id=SANDBOX, version=1, id="clk_1", step=3, phase=1, round=2, now=now)
    event = ClockStepped(clock=state, change=Change(kind="advance", actor="test", at=now))
    return Outgoing(event, Origin.first("test", "request:1"), told_at)


async def observe(accounts: Accounts, partner: PartnerId, at: datetime) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.clocks.observe({partner: at})


async def step(accounts: Accounts, now: datetime, place: tuple[int, int, int]) -> None:
    async with accounts.transactions.begin() as tx:
        await tx.clocks.step(SANDBOX, "clk_1", now, place)


async def stands_at(accounts: Accounts, partner: PartnerId) -> datetime:
    async with accounts.transactions.begin() as tx:
        return await tx.clocks.now(partner)
