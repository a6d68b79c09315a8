"""Mails that wait for their hour, on a sandbox's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

from shared.contracts import subscriptions
from tests.integration.notifier.at_work import Notifier
from tests.integration.notifier.events import (
    END,
    NOON,
    acme,
    activated,
    ann,
    canceled,
    suspended,
    told,
    upcoming,
)

LEAVES = "customer_leaves"
WIN_BACK_AT = datetime(2027, 3, 25, 8, tzinfo=UTC)


async def test_the_welcome_series_comes_on_the_mornings_of_days_one_three_and_seven(
    notifier: Notifier,
) -> None:
    await notifier.hear(ann(), acme(), activated())
    arrived = []
    for hour in range(0, 24 * 8, 6):
        await notifier.let_time_pass(NOON + timedelta(hours=hour))
        await notifier.mail()
        new = notifier.mailboxes.sandbox.templates()
        arrived += [(hour, each) for each in new]
        notifier.mailboxes.sandbox.forget()

    # Noon is hour 0; each came with the first look after 09:00.
    assert arrived == [
        (0, "welcome"),
        (24, "welcome_day_1"),
        (72, "welcome_day_3"),
        (168, "welcome_day_7"),
    ]


async def test_a_cancellation_ends_the_welcome_series_and_its_timers(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), activated())
    await notifier.hear(canceled())
    await notifier.mail()

    assert await notifier.messages() == {
        "welcome": ("sent", None),
        "welcome_day_1": ("suppressed", LEAVES),
        "welcome_day_3": ("suppressed", LEAVES),
        "welcome_day_7": ("suppressed", LEAVES),
        "cancellation": ("sent", None),
        "win_back": ("planned", None),
    }
    assert await _waiting(notifier) == [WIN_BACK_AT]


async def test_nothing_is_planned_for_a_partner_whose_mails_are_off(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(notifications_enabled=False), activated())
    off = await _waiting(notifier)
    await notifier.hear(acme(version=2))
    await notifier.mail()

    # Switched on again, what would have led to a planned mail before is not mailed late.
    assert off == []
    assert not {"welcome_day_1", "welcome_day_3", "welcome_day_7"} & set(await notifier.messages())


async def test_what_is_dropped_is_kept_and_said(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), activated())
    await notifier.hear(canceled())

    dropped = await notifier.published("notification.failed")

    assert [
        (each["body"]["message"]["status"], each["body"]["message"]["detail"]) for each in dropped
    ] == [("suppressed", LEAVES)] * 3


async def test_the_win_back_comes_a_week_before_the_end(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), canceled())
    await notifier.mail()
    await notifier.let_time_pass(NOON + timedelta(days=23))
    assert (await notifier.messages())["win_back"] == ("planned", None)

    await notifier.let_time_pass(WIN_BACK_AT)
    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["cancellation", "win_back"]


async def test_an_uncancelled_subscription_gets_no_win_back(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), canceled(3))
    await notifier.hear(told(subscriptions.SubscriptionUncanceled, 4))
    await notifier.mail()
    await notifier.let_time_pass(END)
    await notifier.mail()

    assert await notifier.messages() == {
        "cancellation": ("sent", None),
        "win_back": ("suppressed", "no_longer_leaving"),
    }
    assert await _waiting(notifier) == []


async def test_facts_in_the_wrong_order_lead_to_the_same_mails(notifier: Notifier) -> None:
    again = canceled(5, at=NOON + timedelta(hours=2))
    await notifier.hear(ann(), acme(), again)
    await notifier.hear(told(subscriptions.SubscriptionUncanceled, 4))
    await notifier.hear(canceled(3))
    await notifier.hear(activated(version=2))
    await notifier.mail()
    await notifier.let_time_pass(WIN_BACK_AT)
    await notifier.mail()

    assert sorted(notifier.mailboxes.sandbox.templates()) == [
        "cancellation",
        "cancellation",
        "welcome",
        "win_back",
    ]


async def test_a_reminder_told_at_midnight_goes_out_at_nine(notifier: Notifier) -> None:
    midnight = END - timedelta(days=3)
    await notifier.hear(ann(), acme(), activated(), upcoming(midnight))
    await notifier.let_time_pass(midnight)
    assert (await notifier.messages())["renewal_reminder"] == ("planned", None)

    await notifier.let_time_pass(midnight + timedelta(hours=9))
    await notifier.mail()

    [mail] = [m for m in notifier.mailboxes.sandbox.mails() if "renews" in m["subject"]]
    assert mail["subject"] == "Your pro renews on 1 April 2027"
    assert "19.99 EUR" in mail["text"]


async def test_a_planned_mail_on_hold_is_dropped_when_its_hour_comes(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), activated(), suspended("requested"))
    await notifier.let_time_pass(NOON + timedelta(days=1))

    assert (await notifier.messages())["welcome_day_1"] == ("suppressed", "on_hold")
    assert (await notifier.messages())["welcome_day_3"] == ("planned", None)


async def test_a_cancellation_in_the_very_hour_of_a_planned_mail_ends_in_one_of_two_ways(
    notifier: Notifier,
) -> None:
    await notifier.hear(ann(), acme())
    await notifier.let_time_pass(NOON + timedelta(days=1))
    for _ in range(15):
        await notifier.rows("truncate subscriptions, messages, timers")
        await notifier.hear(activated())
        await notifier.rows("update timers set due_at = $1 where due_at > $1", NOON)
        await asyncio.gather(notifier.hear(canceled()), notifier.service.timers.fire_due())

        states = {each: state for each, (state, _) in (await notifier.messages()).items()}
        assert {states[f"welcome_day_{n}"] for n in (3, 7)} <= {"queued", "suppressed"}
        assert await _waiting(notifier) == [WIN_BACK_AT]


async def _waiting(notifier: Notifier) -> list[datetime]:
    rows = await notifier.rows(
        "select due_at from timers where kind = 'mail_due' and fired_at is null"
    )
    return [each["due_at"] for each in rows]
