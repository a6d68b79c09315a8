"""How a message ends: once, and for a reason that is said."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.notifier.domain.message import Message, MessageFailed, MessageSent, State
from services.notifier.domain.occasion import What
from services.notifier.domain.outcome import Accepted, Deferred, Refused
from services.notifier.domain.people import Brand, Contact
from services.notifier.domain.template import RULES, Template
from tests.unit.notifier.stories import BRAND, CONTACT, NOON, SEALED, message

SILENT_ANN = replace(CONTACT, notifications_enabled=False)
SILENT_ACME = replace(BRAND, notifications_enabled=False)


def credentials() -> Message:
    return message(Template.CREDENTIALS, What.ACTIVATED, seal=SEALED)


def started(
    mail: Message, contact: Contact = CONTACT, brand: Brand = BRAND, at: datetime = NOON
) -> Message:
    mail.start_sending(contact, brand, may_be_opened=True, at=at)
    return mail


def test_an_accepted_mail_is_sent_and_says_so_once() -> None:
    mail = started(message())

    said = mail.settle(Accepted(), NOON, NOON)

    assert said == [MessageSent(replace(mail), NOON)]
    assert (mail.state, mail.version, mail.ended_at) == (State.SENT, 1, NOON)
    assert mail.settle(Accepted(), NOON, NOON) == []


def test_a_refused_mail_has_failed_with_the_servers_reason() -> None:
    mail = started(message())

    said = mail.settle(Refused("smtp_550 5.1.1"), NOON, NOON)

    assert said == [MessageFailed(replace(mail), NOON)]
    assert (mail.state, mail.detail) == (State.FAILED, "smtp_550 5.1.1")


def test_a_deferred_mail_waits_longer_each_time_and_says_nothing() -> None:
    mail, waits = message(), []
    for _ in range(8):
        assert started(mail).settle(Deferred("smtp_451"), NOON, NOON) == []
        assert mail.retry_at is not None
        waits.append(int((mail.retry_at - NOON).total_seconds()))

    assert waits == [2, 10, 60, 300, 900, 3600, 3600, 3600]
    assert mail.state is State.QUEUED


@pytest.mark.parametrize("template", [each for each in Template if RULES[each].max_age])
def test_a_mail_that_is_too_old_is_suppressed(template: Template) -> None:
    mail = replace(message(), template=template)
    max_age = RULES[template].max_age
    assert max_age is not None

    in_time = started(replace(mail), at=mail.since + max_age)
    too_late = started(replace(mail), at=mail.since + max_age + timedelta(seconds=1))

    assert in_time.state is State.SENDING
    assert (too_late.state, too_late.detail) == (State.SUPPRESSED, "stale")


def test_a_payment_failure_of_four_days_ago_is_not_mailed() -> None:
    mail = message(Template.PAYMENT_FAILED, What.PAYMENT_FAILED)

    started(mail, at=NOON + timedelta(days=4))

    assert (mail.state, mail.detail) == (State.SUPPRESSED, "stale")


def test_a_mail_that_no_server_took_in_all_that_time_has_failed() -> None:
    mail = started(message())
    mail.settle(Deferred("smtp_451"), NOON, NOON)

    started(mail, at=NOON + timedelta(days=10))

    assert (mail.state, mail.detail) == (State.FAILED, "given_up after 1: smtp_451")


@pytest.mark.parametrize(
    ("contact", "brand", "detail"),
    [(SILENT_ANN, BRAND, "customer_switched_off"), (CONTACT, SILENT_ACME, "partner_switched_off")],
)
def test_switched_off_mails_are_suppressed(contact: Contact, brand: Brand, detail: str) -> None:
    mail = started(message(), contact, brand)

    assert (mail.state, mail.detail, mail.version) == (State.SUPPRESSED, detail, 1)


def test_credentials_go_out_whatever_is_switched_off() -> None:
    assert started(credentials(), SILENT_ANN, SILENT_ACME).state is State.SENDING


def test_credentials_whose_seal_cannot_be_opened_any_more_have_failed() -> None:
    mail = credentials()

    [said] = mail.start_sending(CONTACT, BRAND, may_be_opened=False, at=NOON)

    assert isinstance(said, MessageFailed)
    assert (mail.state, mail.detail) == (State.FAILED, "seal_expired")


def test_the_secret_goes_with_the_last_chance_to_send_it() -> None:
    waiting, sent, refused = credentials(), credentials(), credentials()

    started(waiting).settle(Deferred("timed_out"), NOON, NOON)
    started(sent).settle(Accepted(), NOON, NOON)
    started(refused).settle(Refused("smtp_550"), NOON, NOON)

    assert (waiting.seal, sent.seal, refused.seal) == (SEALED, None, None)


def test_one_cause_makes_one_message_for_one_person_however_often_it_is_told() -> None:
    again = message(now=NOON + timedelta(days=1))
    another = message(event_id="evt_2")

    assert again.id == message().id
    assert again.dedupe_key == "resumed/cus_ann/evt_1"
    assert another.id != again.id


def test_a_sealed_secret_is_not_shown_when_a_message_is_printed() -> None:
    assert "a.b.c.d.e" not in repr(credentials())
