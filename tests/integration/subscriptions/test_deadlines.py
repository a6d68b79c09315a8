"""What happens because an instant has come, at the sandbox's own time."""

from datetime import UTC, datetime, timedelta

from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import (
    FEBRUARY_28,
    HOSTING,
    JANUARY_31,
    MARCH_31,
    Subscriptions,
)

DAY = timedelta(days=1)
CANCEL = {"at": "period_end", "reason": "too many channels"}


async def test_an_ordered_end_is_known_at_once_and_comes_at_its_instant(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    assert answer.json()["ends_at"] == "2027-02-27T23:00:00Z"
    assert await subscriptions.timers(made) == {"term_ends": FEBRUARY_28}

    await subscriptions.move_to(FEBRUARY_28 - timedelta(seconds=1))
    assert (await subscriptions.shown(made))["labels"]["s0"] == "Scheduled for Deletion"
    await subscriptions.move_to(FEBRUARY_28)
    await subscriptions.tell_the_panel()

    suspended = (await subscriptions.told(made))[-1]
    assert suspended["topic"] == "subscription.suspended"
    assert suspended["body"]["hold"]["kind"] == "ended"
    assert (await subscriptions.shown(made))["labels"]["s1"] == "Expired"
    assert subscriptions.panel.calls(made)[-1] == ("update", "done")
    assert await subscriptions.timers(made) == {
        "retention_ends": datetime(2027, 3, 29, 22, tzinfo=UTC)
    }


async def test_thirty_days_after_its_end_it_is_terminated_and_the_account_deleted(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    await subscriptions.move_to(FEBRUARY_28 + 31 * DAY)
    await subscriptions.move_to(FEBRUARY_28 + 62 * DAY)
    await subscriptions.tell_the_panel()

    assert (await subscriptions.topics(made))[-3:] == [
        "subscription.canceled",
        "subscription.suspended",
        "subscription.terminated",
    ]
    assert subscriptions.panel.account(made) is None
    assert await subscriptions.timers(made) == {}


async def test_an_offer_may_end_for_good_at_once(subscriptions: Subscriptions) -> None:
    await subscriptions.sell(HOSTING, code="short", end_of_term="terminate")
    made = await subscriptions.activated(offer="short")
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    await subscriptions.move_to(FEBRUARY_28)

    assert (await subscriptions.topics(made))[-1] == "subscription.terminated"


async def test_an_end_taken_back_leaves_no_timer(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    await subscriptions.send("POST", f"/v1/subscriptions/{made}/uncancel")

    assert await subscriptions.timers(made) == {}
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    assert await subscriptions.timers(made) == {"term_ends": FEBRUARY_28}


async def test_a_hold_until_an_instant_lifts_itself(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    until = JANUARY_31 + 3 * DAY
    body = {"reason": "on holiday", "expires_at": until.isoformat()}
    await subscriptions.send("PUT", f"/v1/subscriptions/{made}/holds/requested", body)
    assert await subscriptions.timers(made) == {"hold_expires": until}

    await subscriptions.move_to(until)

    resumed = (await subscriptions.told(made))[-1]
    assert resumed["topic"] == "subscription.resumed"
    assert resumed["body"]["change"]["reason"] == "hold_expired"
    assert (await subscriptions.shown(made))["status"] == "active"


async def test_paid_in_time_nothing_is_terminated(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()
    await subscriptions.move_to(FEBRUARY_28 + 7 * DAY)
    await subscriptions.hear(events.exhausted(made, 2, FEBRUARY_28 + 7 * DAY))
    await subscriptions.hear(events.opened(made, 1, 3, FEBRUARY_28, MARCH_31))

    await subscriptions.move_to(FEBRUARY_28 + 60 * DAY)

    assert "subscription.terminated" not in await subscriptions.topics(made)


async def test_a_thousand_ends_at_one_instant_all_come(subscriptions: Subscriptions) -> None:
    names = [f"many{n}" for n in range(1100)]
    for start in range(0, len(names), 500):
        await subscriptions.hear(
            *(events.accepted(name, JANUARY_31) for name in names[start : start + 500])
        )

    await subscriptions.move_to(JANUARY_31 + timedelta(hours=23))

    [row] = await subscriptions.rows(
        "select count(*) as n from outbox where topic = 'subscription.canceled'"
    )
    assert row["n"] == 1100


async def test_a_sandbox_lives_in_its_own_time_and_another_partner_in_his(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()

    await subscriptions.move_to(JANUARY_31 + 400 * DAY, events.OTHER)

    assert await subscriptions.topics(made) == ["subscription.created"]
