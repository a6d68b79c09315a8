"""Facts on several topics, and a key that comes and goes: the same mails in every order."""

from datetime import timedelta
from itertools import permutations

import pytest

from shared.clock import system_now
from shared.contracts import subscriptions
from tests.integration.notifier.at_work import Notifier
from tests.integration.notifier.events import END, acme, activated, ann, canceled, told

A_WEEK, TWO_WEEKS = timedelta(days=8), timedelta(days=15)


async def test_credentials_arrive_once_in_whichever_order_their_facts_are_heard(
    notifier: Notifier,
) -> None:
    for order in permutations(range(3)):
        await notifier.rows("truncate subscriptions, messages, timers, contacts, brands")
        notifier.mailboxes.sandbox.forget()
        facts = (ann(), acme(), activated(await notifier.sealed()))

        for n in order:
            await notifier.hear(facts[n])
            await notifier.mail()

        assert notifier.mailboxes.sandbox.templates() == ["credentials"], order


@pytest.mark.parametrize("turn", [(0, 1), (1, 0)], ids=["in order", "swapped"])
async def test_a_cancellation_and_its_taking_back_win_nobody_back(
    notifier: Notifier, turn: tuple[int, ...]
) -> None:
    await notifier.hear(ann(), acme())
    words = (canceled(3), told(subscriptions.SubscriptionUncanceled, 4))

    for n in turn:
        await notifier.hear(words[n])
    await notifier.mail()
    await notifier.let_time_pass(END)
    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["cancellation"]


@pytest.mark.parametrize("mailed_first", [True, False])
async def test_a_mail_and_the_next_key_do_not_disturb_each_other(
    notifier: Notifier, *, mailed_first: bool
) -> None:
    await notifier.hear(activated(await notifier.sealed()), ann(), acme())

    if mailed_first:
        await notifier.mail()
    await notifier.keep_keys(system_now() + A_WEEK)
    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["credentials"]


@pytest.mark.parametrize("mailed_first", [True, False])
async def test_a_seal_whose_key_is_destroyed_was_mailed_or_is_told_to_its_owner(
    notifier: Notifier, *, mailed_first: bool
) -> None:
    await notifier.hear(activated(await notifier.sealed()), ann(), acme())

    if mailed_first:
        await notifier.mail()
    await notifier.keep_keys(system_now() + TWO_WEEKS)
    await notifier.mail()

    told_of = await notifier.published("notification.sent", "notification.failed")
    ends = [(each["topic"], each["body"]["message"]["detail"]) for each in told_of]
    expected = (
        ("notification.sent", None) if mailed_first else ("notification.failed", "seal_expired")
    )
    assert ends == [expected]
