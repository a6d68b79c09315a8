"""Between us and the mail server: refusals, faults, crashes, and who may not be written to."""

from datetime import timedelta

import pytest

from shared.clock import system_now
from shared.record import Record
from tests.integration.notifier.at_work import Notifier, at_work
from tests.integration.notifier.events import (
    NOON,
    acme,
    activated,
    ann,
    created,
    payment_failed,
    suspended,
)
from tests.integration.notifier.mailboxes import Mailboxes

LIVE = "ptn_live"


async def test_a_sandbox_partners_mail_never_reaches_the_world(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), suspended("abuse"))
    await notifier.mail()

    assert notifier.mailboxes.live.mails() == []
    assert notifier.mailboxes.sandbox.templates() == ["suspended"]


async def test_a_partner_that_says_it_is_a_sandbox_is_one_whatever_its_id(
    notifier: Notifier,
) -> None:
    await notifier.hear(ann(partner_id=LIVE), acme(partner_id=LIVE, sandbox=True))
    await notifier.hear(_suspended_now(LIVE))
    await notifier.mail()

    assert notifier.mailboxes.live.mails() == []
    assert notifier.mailboxes.sandbox.templates() == ["suspended"]


async def test_a_live_partners_mail_goes_out_into_the_world(notifier: Notifier) -> None:
    await notifier.hear(ann(partner_id=LIVE), acme(partner_id=LIVE), _suspended_now(LIVE))
    await notifier.mail()

    assert notifier.mailboxes.live.templates() == ["suspended"]
    assert notifier.mailboxes.sandbox.mails() == []


async def test_a_mail_that_the_server_puts_off_is_sent_later(notifier: Notifier) -> None:
    notifier.mailboxes.sandbox.rule(match={"to": "ann@*"}, do="temporary", times=1)
    await notifier.hear(ann(), acme(), suspended("abuse"))

    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["suspended"]
    [row] = await notifier.rows("select state, attempts, detail from messages")
    assert row == {"state": "sent", "attempts": 2, "detail": None}


async def test_a_refused_mail_has_failed_and_nobody_reads_the_address_in_it(
    notifier: Notifier,
) -> None:
    notifier.mailboxes.sandbox.rule(match={"to": "ann@*"}, do="permanent")
    await notifier.hear(ann(), acme(), suspended("abuse"))

    await notifier.mail()

    assert await notifier.messages() == {"suspended": ("failed", "smtp_550")}
    [failed] = await notifier.published("notification.failed")
    assert failed["body"]["message"]["detail"] == "smtp_550"
    assert b"example.org" not in failed["payload"]


async def test_a_connection_that_breaks_before_the_mail_is_taken_costs_nothing(
    notifier: Notifier,
) -> None:
    notifier.mailboxes.sandbox.rule(match={"to": "ann@*"}, do="drop_before", times=1)
    await notifier.hear(ann(), acme(), suspended("abuse"))

    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["suspended"]


async def test_when_nobody_knows_whether_it_was_taken_the_repeat_bears_the_same_message_id(
    notifier: Notifier,
) -> None:
    notifier.mailboxes.sandbox.rule(match={"to": "ann@*"}, do="drop_after", times=1)
    await notifier.hear(ann(), acme(), suspended("abuse"))

    await notifier.mail()

    first, again = notifier.mailboxes.sandbox.mails()
    assert first["message_id"] == again["message_id"]
    assert len(await notifier.published("notification.sent")) == 1


async def test_a_mail_whose_sender_died_is_sent_by_another_and_the_dead_ones_word_is_dropped(
    notifier: Notifier, database_url: str, mailboxes: Mailboxes
) -> None:
    mailboxes.sandbox.rule(match={"to": "ann@*"}, do="slow", seconds=1.5, times=1)
    await notifier.hear(ann(), acme(), suspended("abuse"))
    async with notifier.mailing():
        await notifier.until(lambda: _is_under_way(notifier))
        # Two minutes pass for the lease.
        await notifier.rows("update messages set lease_until = lease_until - interval '1 hour'")
        async with at_work(database_url, mailboxes) as other:
            await other.mail()
            await notifier.until(lambda: _has_arrived_twice(mailboxes))

    first, again = mailboxes.sandbox.mails()
    assert first["message_id"] == again["message_id"]
    assert len(await notifier.published("notification.sent", "notification.failed")) == 1


async def test_mail_goes_to_the_address_that_holds_when_it_is_sent(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), suspended("abuse"))
    moved = ann(2, email="ann@new.example", email_ascii="ann@new.example")
    await notifier.hear(moved, ann(1, email="ann@old.example", email_ascii="ann@old.example"))

    await notifier.mail()

    [mail] = notifier.mailboxes.sandbox.mails()
    assert mail["envelope_to"] == ["ann@new.example"]


@pytest.mark.parametrize(
    ("contact", "brand", "detail"),
    [(False, True, "customer_switched_off"), (True, False, "partner_switched_off")],
)
async def test_switched_off_notifications_are_suppressed_and_credentials_are_not(
    notifier: Notifier, contact: bool, brand: bool, detail: str
) -> None:
    sealed = await notifier.sealed()
    await notifier.hear(
        ann(notifications_enabled=contact), acme(notifications_enabled=brand), activated(sealed)
    )
    await notifier.hear(suspended("abuse"))
    await notifier.mail()

    assert notifier.mailboxes.sandbox.templates() == ["credentials"]
    assert (await notifier.messages())["suspended"] == ("suppressed", detail)
    [said] = await notifier.published("notification.failed")
    assert said["body"]["message"]["status"] == "suppressed"


async def test_a_failed_payment_of_four_days_ago_is_not_mailed(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), created())
    await notifier.let_time_pass(NOON + timedelta(days=4))
    await notifier.hear(payment_failed(at=NOON))
    await notifier.mail()

    assert await notifier.messages() == {"payment_failed": ("suppressed", "stale")}
    assert notifier.mailboxes.sandbox.mails() == []


async def test_a_line_break_in_a_brands_name_stops_the_mail(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(name="Acme\r\nBcc: all@example.org"), suspended("abuse"))
    await notifier.mail()

    assert await notifier.messages() == {"suspended": ("failed", "unsafe_header From")}
    assert notifier.mailboxes.sandbox.mails() == []


async def test_many_mails_share_a_few_connections(notifier: Notifier) -> None:
    await notifier.hear(ann(), acme(), created())
    await notifier.hear(*[payment_failed() for _ in range(100)])

    await notifier.mail()

    mails = notifier.mailboxes.sandbox.mails()
    assert len({each["message_id"] for each in mails}) == 100
    assert len(mails) == 100


def _suspended_now(partner_id: str) -> Record:
    """Live partners have no clock of their own: what is too long ago would not be mailed."""
    return suspended("abuse", partner_id=partner_id, at=system_now())


async def _is_under_way(notifier: Notifier) -> bool:
    return bool(await notifier.rows("select from messages where state = 'sending'"))


async def _has_arrived_twice(mailboxes: Mailboxes) -> bool:
    return len(mailboxes.sandbox.mails()) == 2
