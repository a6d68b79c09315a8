"""What billing says, over its several topics: renewal, failure, suspension, return."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta

from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import (
    FEBRUARY_28,
    JANUARY_31,
    MARCH_31,
    Subscriptions,
)

DAY = timedelta(days=1)
EXHAUSTED_AT = FEBRUARY_28 + 7 * DAY
PAID_AT = datetime(2027, 3, 20, 15, tzinfo=UTC)


async def test_an_opened_period_renews_and_lengthens_the_account(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    await subscriptions.move_to(FEBRUARY_28 + timedelta(seconds=3))

    await subscriptions.hear(events.opened(made, 1, 2, FEBRUARY_28, MARCH_31))
    await subscriptions.tell_the_panel()

    renewed = (await subscriptions.told(made))[-1]
    assert (renewed["topic"], renewed["version"]) == ("subscription.renewed", 3)
    assert renewed["body"]["subscription"]["period"] == {
        "no": 1,
        "start": "2027-02-27T23:00:00Z",
        "end": "2027-03-30T22:00:00Z",
    }
    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["expires_at"] == "2027-04-08T22:00:00Z"


async def test_failing_in_grace_and_suspended_the_account_is_cut_and_comes_back(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()

    await subscriptions.move_to(FEBRUARY_28)
    await subscriptions.hear(events.payment_failed(made, 2, FEBRUARY_28))
    await subscriptions.hear(events.payment_failed(made, 3, FEBRUARY_28 + 5 * DAY, status="grace"))
    await subscriptions.move_to(EXHAUSTED_AT)
    await subscriptions.hear(events.exhausted(made, 4, EXHAUSTED_AT))
    await subscriptions.tell_the_panel()
    cut = subscriptions.panel.account(made)
    timers = await subscriptions.timers(made)
    await subscriptions.move_to(PAID_AT)
    await subscriptions.hear(
        events.payment_succeeded(made, 5, PAID_AT),
        events.opened(made, 1, 6, PAID_AT, MARCH_31, anchor_on=date(2027, 3, 20)),
    )
    await subscriptions.tell_the_panel()

    assert await subscriptions.topics(made) == [
        "subscription.created",
        "subscription.activated",
        "subscription.past_due",
        "subscription.changed",
        "subscription.suspended",
        "subscription.resumed",
        "subscription.renewed",
    ]
    assert cut is not None
    assert cut["status"] == "disabled"
    # Thirty local days: the clocks of Berlin are set forward in between.
    assert timers == {"retention_ends": datetime(2027, 4, 5, 22, tzinfo=UTC)}
    assert await subscriptions.timers(made) == {}
    account = subscriptions.panel.account(made)
    assert account is not None
    assert (account["status"], account["expires_at"]) == ("enabled", "2027-04-28T22:00:00Z")
    shown = await subscriptions.shown(made)
    assert (shown["anchor_on"], shown["next_boundary_at"]) == ("2027-03-20", "2027-04-19T22:00:00Z")


async def test_whichever_topic_is_read_first_the_end_is_the_same(
    subscriptions: Subscriptions,
) -> None:
    """Thirty subscriptions, thirty orders of the same words, told in small polls."""
    dice = random.Random(20270131)  # noqa: S311  a shuffle of a test
    made = [await subscriptions.paid() for _ in range(30)]
    await subscriptions.tell_the_panel()
    await subscriptions.move_to(PAID_AT)
    for each in made:
        words = [
            events.payment_failed(each, 2, FEBRUARY_28),
            events.exhausted(each, 3, EXHAUSTED_AT),
            events.payment_succeeded(each, 4, PAID_AT),
            events.opened(each, 1, 5, PAID_AT, MARCH_31, anchor_on=date(2027, 3, 20)),
        ]
        dice.shuffle(words)
        cut = dice.randint(0, 4)
        await subscriptions.hear(*words[:cut])
        await subscriptions.hear(*words[cut:])

    ends = await subscriptions.rows(
        "select distinct status, anchor_on, anchor_period_no, opened, granted, covered_until, holds,"
        " standing->>'version' as standing from subscriptions"
    )
    assert [(end["status"], end["standing"], end["holds"]) for end in ends] == [("active", "5", [])]
    assert ends[0]["anchor_on"] == date(2027, 3, 20)


async def test_an_event_takes_effect_once_among_racing_replicas(
    subscriptions: Subscriptions, replica: Subscriptions
) -> None:
    made = [await subscriptions.paid() for _ in range(20)]
    await subscriptions.tell_the_panel()
    words = [events.opened(each, 1, 2, FEBRUARY_28, MARCH_31) for each in made]
    words += [events.exhausted(each, 3, FEBRUARY_28) for each in made]

    await asyncio.gather(
        *(
            (subscriptions if n % 2 else replica).hear(*words[n * 4 :], *words[: n * 4])
            for n in range(10)
        )
    )

    counted = await subscriptions.rows(
        "select topic, count(*) as n from outbox where version > 2 group by topic order by topic"
    )
    assert [(row["topic"], row["n"]) for row in counted] == [
        ("subscription.renewed", 20),
        ("subscription.suspended", 20),
    ]
    assert await subscriptions.rows("select 1 from parked") == []


async def test_a_word_on_a_subscription_that_does_not_exist_waits_and_stops_nobody(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()

    await subscriptions.hear(
        events.exhausted("sub_lost", 1, JANUARY_31), events.exhausted(made, 2, JANUARY_31)
    )

    assert (await subscriptions.shown(made))["status"] == "suspended"
    [parked] = await subscriptions.rows("select key, detail from parked")
    assert bytes(parked["key"]) == b"sub_lost"
    assert "SubscriptionNotFound" in parked["detail"]


async def test_another_partners_word_does_not_reach_a_subscription(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()

    await subscriptions.hear(events.opened(made, 1, 2, FEBRUARY_28, MARCH_31, partner=events.OTHER))

    assert (await subscriptions.shown(made))["periods_opened"] == 1
    assert len(await subscriptions.rows("select 1 from parked")) == 1


async def test_a_poll_is_one_transaction_however_many_it_renews(
    subscriptions: Subscriptions,
) -> None:
    names = [f"bulk{n}" for n in range(200)]
    made = [events.subscription_id(name) for name in names]
    await subscriptions.hear(*(events.accepted(name, JANUARY_31) for name in names))
    await subscriptions.hear(*(events.opened(each, 0, 1, JANUARY_31, FEBRUARY_28) for each in made))

    rows = await subscriptions.rows("select distinct xmin::text, opened from subscriptions")
    assert [row["opened"] for row in rows] == [[0]]
