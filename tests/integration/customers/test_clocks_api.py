"""Test clocks over HTTP, led by what the services say."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from services.customers.domain.sandbox_clock import FOLLOWERS, PATIENCE
from shared.contracts.clock import ClockSettled, ClockSettledState
from shared.contracts.event import Change
from tests.integration.customers.platform import Customers, Partner, a_checkout

LATER = "2027-03-01T00:00:00Z"
RENEWAL = datetime(2027, 2, 14, 23, tzinfo=UTC)


async def test_a_clock_that_is_told_to_advance_is_on_its_way(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}"

    answer = await customers.post(f"{path}/advance", {"to": LATER}, partner.key)

    shown = (await customers.get(path, partner.key)).json()
    assert answer.status_code == 202
    assert answer.json() == shown
    assert (shown["now"], shown["target"], shown["status"], shown["failure"]) == (
        "2027-01-31T12:00:00Z",
        LATER,
        "advancing",
        None,
    )
    assert (await step(customers))["turn"] == "nobody"


async def test_it_stops_where_a_timer_is_due_and_arrives_when_all_are_done(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}"
    await customers.post(f"{path}/advance", {"to": LATER}, partner.key)

    await all_say(customers, partner, billing={"next_due_at": RENEWAL})
    stop = await step(customers)
    assert (stop["turn"], stop["now"]) == ("billing", "2027-02-14T23:00:00Z")
    await say(customers, partner, "billing")
    await all_say(customers, partner)
    await customers.upstream(a_checkout())

    shown = (await customers.get(path, partner.key)).json()
    assert (shown["now"], shown["status"], shown["step"]) == (LATER, "ready", 3)
    assert (await step(customers))["turn"] == "everybody"
    [accepted] = await customers.outbox("checkout.accepted")
    assert accepted["change"]["at"] == LATER


async def test_what_is_stuck_is_shown_and_the_clock_can_be_told_again(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}"
    await customers.post(f"{path}/advance", {"to": LATER}, partner.key)

    await say(customers, partner, "notifier", stuck=["letter 7 (payment.succeeded): failed"])

    shown = (await customers.get(path, partner.key)).json()
    assert shown["status"] == "failed"
    assert shown["failure"] == {
        "service": "notifier",
        "items": ["letter 7 (payment.succeeded): failed"],
    }
    again = await customers.post(f"{path}/advance", {"to": LATER}, partner.key)
    assert (again.status_code, again.json()["failure"]) == (202, None)


async def test_half_a_minute_of_silence_ends_an_advance(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}"
    await customers.post(f"{path}/advance", {"to": LATER}, partner.key)
    await say(customers, partner, "customers")
    await customers.rows(
        "update test_clocks set moved_at = moved_at - $1::interval returning id", PATIENCE
    )
    await customers.rows(
        "update timers set due_at = due_at - $1::interval where kind = 'clock_watch' returning kind",
        PATIENCE + timedelta(seconds=1),
    )

    await customers.service.timers.fire_due()

    shown = (await customers.get(path, partner.key)).json()
    assert (shown["status"], shown["failure"]["service"]) == ("failed", "subscriptions")
    assert "no answer" in shown["failure"]["items"][0]


async def test_a_clock_does_not_go_back(customers: Customers, partner: Partner) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}/advance"

    answer = await customers.post(path, {"to": "2027-01-01T00:00:00Z"}, partner.key)

    assert (answer.status_code, answer.json()["code"]) == (422, "clock_never_goes_back")
    assert answer.json()["way_out"]
    assert await customers.said("clock.stepped") == ["clock.stepped"]


async def test_a_clock_that_is_told_to_advance_five_times_at_once_does_it_once(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}/advance"

    answers = await asyncio.gather(
        *(customers.post(path, {"to": LATER}, partner.key) for _ in range(5))
    )

    assert sorted(each.status_code for each in answers) == [202, 409, 409, 409, 409]
    assert len(await customers.said("clock.stepped")) == 2


async def test_our_own_step_coming_back_through_kafka_changes_nothing(
    customers: Customers, partner: Partner
) -> None:
    path = f"/v1/test_clocks/{partner.clock_id}/advance"
    await customers.post(path, {"to": LATER}, partner.key)
    rows = await customers.rows(
        "select topic, key, headers, payload from outbox where topic = 'clock.stepped' order by seq"
    )

    await customers.deliver(*(customers.from_outbox(row) for row in reversed(rows)))

    [clock] = await customers.rows("select now, step, turn from clocks")
    assert (clock["now"].isoformat(), clock["step"], clock["turn"]) == (
        "2027-01-31T12:00:00+00:00",
        1,
        "nobody",
    )
    assert await customers.letters() == []


async def test_clocks_are_listed_for_their_partner_alone(
    customers: Customers, partner: Partner
) -> None:
    other = await customers.partner()

    own = (await customers.get("/v1/test_clocks", partner.key)).json()
    foreign = await customers.get(f"/v1/test_clocks/{other.clock_id}", partner.key)

    assert [each["id"] for each in own["data"]] == [partner.clock_id]
    assert foreign.status_code == 404


async def step(customers: Customers) -> dict[str, Any]:
    """The clock as it was told last."""
    clock: dict[str, Any] = (await customers.outbox("clock.stepped"))[-1]["clock"]
    return clock


async def all_say(customers: Customers, partner: Partner, **said: dict[str, Any]) -> None:
    for service in FOLLOWERS:
        await say(customers, partner, service, **said.get(service, {}))


async def say(customers: Customers, partner: Partner, service: str, **said: Any) -> None:
    """A service has come to rest where the clock stands."""
    stop = await step(customers)
    quiet: dict[str, Any] = {"sent": {}, "handled": {}, "reads": [], "open_effects": 0, "stuck": []}
    state = ClockSettledState(
        partner_id=partner.id,
        version=1 + len(await customers.rows("select 1 from inbox where topic = 'clock.settled'")),
        clock_id=str(partner.clock_id),
        service=service,
        step=stop["step"],
        phase=stop["phase"],
        round=stop["round"],
        **(quiet | said),
    )
    change = Change(kind="settled", actor=f"service:{service}", at=RENEWAL - timedelta(days=30))
    await customers.hear(ClockSettled(settled=state, change=change))
