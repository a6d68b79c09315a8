"""What comes again, too early, or at the same time leads to the same mails, each once."""

import asyncio

from tests.integration.notifier.at_work import Notifier
from tests.integration.notifier.events import (
    NOON,
    acme,
    activated,
    ann,
    canceled,
    created,
    payment_failed,
    rejected,
    suspended,
    upcoming,
)


async def test_a_replay_of_every_topic_sends_nothing(notifier: Notifier) -> None:
    sealed = await notifier.sealed()
    story = [
        *(ann(), acme(), created(), activated(sealed), payment_failed(), suspended("abuse")),
        *(canceled(4), rejected()),
    ]
    await notifier.hear(*story)
    await notifier.mail()
    before = notifier.mailboxes.sandbox.templates()

    await notifier.hear(*story)
    await notifier.rows("truncate inbox")
    await notifier.hear(*story)
    await notifier.mail()

    assert sorted(before) == [
        "cancellation",
        "checkout_rejected",
        "credentials",
        "payment_failed",
        "suspended",
    ]
    assert notifier.mailboxes.sandbox.templates() == before


async def test_a_failed_payment_waits_until_its_subscription_is_known(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), payment_failed())
    await notifier.mail()
    assert notifier.mailboxes.sandbox.mails() == []

    await notifier.hear(created())
    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["payment_failed"]
    assert await notifier.rows("select * from waiting_occasions") == []


async def test_whichever_of_two_processes_hears_first_nothing_is_left_waiting(
    notifier: Notifier,
) -> None:
    await notifier.hear(ann(), acme())
    for _ in range(20):
        await notifier.rows("truncate subscriptions, messages")
        await asyncio.gather(notifier.hear(payment_failed()), notifier.hear(created()))

        assert list(await notifier.messages()) == ["payment_failed"]


async def test_two_processes_that_hear_the_same_story_make_one_mail_of_each(
    notifier: Notifier,
) -> None:
    await notifier.hear(ann(), acme(), created())
    story = [payment_failed() for _ in range(20)]

    await asyncio.gather(*[notifier.hear(*story[n:], *story[:n]) for n in range(0, 20, 4)])
    await notifier.mail()

    assert len(notifier.mailboxes.sandbox.mails()) == 20


async def test_a_rejected_checkout_is_explained_only_to_somebody_known(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), rejected(customer_id=None))
    await notifier.hear(rejected())
    await notifier.mail()

    [mail] = notifier.mailboxes.sandbox.mails()
    assert "There is no offer gone." in mail["text"]
    assert "order-4711" in mail["text"]


async def test_a_reminder_without_its_subscription_waits_for_it(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), upcoming(at=NOON))
    assert await notifier.messages() == {}

    await notifier.hear(activated())

    assert (await notifier.messages())["renewal_reminder"] == ("queued", None)
