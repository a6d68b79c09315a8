"""The test clock over all services: years in seconds, side by side, stopped by a fault, repeatable."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from deploy.demo.clock import ClockFailed, show
from deploy.platform import Platform
from shared.clock import system_now
from shared.database import Database, plain_url
from shared.dead_letters import DeadLetters
from tests.system.provider import Provider

DAY = timedelta(days=1)
FIRST_RENEWAL = datetime(2027, 2, 28, 12, tzinfo=UTC)


async def test_two_years_of_a_monthly_subscription_take_seconds(provider: Provider) -> None:
    checkout = await provider.captured()
    await provider.publish(checkout)
    before = await provider.move_to(provider.now)
    state = await provider.activated(checkout)

    begun = time.monotonic()
    after = await provider.move_to(datetime(2029, 2, 1, 9, tzinfo=UTC))
    took = time.monotonic() - begun

    stops = after["step"] - before["step"]
    summary = f"{stops} stops in {took:.1f} s, {1000 * took / stops:.0f} ms each"
    opened = [each.body["period"]["no"] for each in provider.of(state["id"], "period.opened")]
    assert opened == list(range(25))
    assert stops < 120, "a month is a handful of stops"
    # Measured: 11 s on two cores that others used as well.
    assert took < 40, summary


async def test_clocks_advance_side_by_side_and_each_is_its_partners_own(
    platform: Platform,
) -> None:
    providers = [await Provider.founded(platform) for _ in range(3)]
    checkouts = [await each.captured() for each in providers]
    for each, checkout in zip(providers, checkouts, strict=True):
        await each.publish(checkout)
        await each.settle()
    states = [
        await each.activated(checkout) for each, checkout in zip(providers, checkouts, strict=True)
    ]

    await asyncio.gather(
        *(each.move_to(each.now + months * 30 * DAY) for months, each in enumerate(providers, 1))
    )

    for months, (each, state) in enumerate(zip(providers, states, strict=True), 1):
        opened = [fact.body["period"]["no"] for fact in each.of(state["id"], "period.opened")]
        assert opened == list(range(months + 1))
        assert all(fact.headers["ce_time"] <= each.now.isoformat() for fact in each.facts)
        await each.close()


async def test_a_clock_that_is_on_its_way_takes_no_other_order(provider: Provider) -> None:
    moving = asyncio.create_task(provider.move_to(provider.now + 60 * DAY))
    await asyncio.sleep(0.05)

    path = f"/v1/test_clocks/{provider.partner.clock_id}/advance"
    body = {"to": (provider.now + 90 * DAY).isoformat()}
    with pytest.raises(RuntimeError, match=r"409.*clock_advancing"):
        await asyncio.to_thread(provider.api.post, "customers", path, body)

    assert (await moving)["status"] == "ready"


async def test_a_fault_stops_the_clock_by_name_and_after_its_repair_time_goes_on(
    provider: Provider,
) -> None:
    checkout = await provider.captured()
    await provider.publish(checkout)
    await provider.settle()
    database = provider.platform.databases["notifier"]
    connection = await asyncpg.connect(plain_url(database))
    await connection.execute(
        f"""
        alter table messages add constraint a_fault_of_ours
        check (partner_id <> '{provider.partner.id}' or template <> 'renewal_reminder')"""
    )

    with pytest.raises(ClockFailed, match=r"^notifier: letter \d+ \(invoice\.upcoming\): failed"):
        await provider.move_to(FIRST_RENEWAL)
    stopped = show(provider.api, provider.partner.clock_id)
    assert stopped["status"] == "failed"
    assert stopped["now"] < FIRST_RENEWAL.isoformat()
    assert stopped["failure"]["service"] == "notifier"

    await connection.execute("alter table messages drop constraint a_fault_of_ours")
    await connection.close()
    await replay_all(database)
    clock = await repaired(provider, FIRST_RENEWAL)

    assert (clock["status"], clock["failure"]) == ("ready", None)
    templates = [
        each["headers"]["X-Perennial-Template"]
        for each in provider.mails(checkout["customer"]["email"])
    ]
    assert templates.count("renewal_reminder") == 1


async def replay_all(database_url: str) -> None:
    """As an operator does with `perennial dlq replay`."""
    database = Database(database_url, name="test", pool_size=1)
    async with database.begin() as sql:
        letters = DeadLetters(sql)
        for each in await letters.list():
            await letters.replay(each.n, "operator:ada", system_now())
    await database.close()


async def repaired(provider: Provider, to: datetime) -> dict[str, object]:
    """A replayed letter is tried within a second."""
    for _ in range(20):
        try:
            return await provider.move_to(to)
        except ClockFailed:
            await asyncio.sleep(0.5)
    return await provider.move_to(to)
