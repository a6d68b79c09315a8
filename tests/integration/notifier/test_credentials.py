"""Credentials on their way: sealed until the mail is written, and gone once it is sent."""

from datetime import timedelta

from services.notifier.use_cases.keep_sealing_keys import SEALING_KEY_EXPIRY
from shared.contracts.event import Sealed
from tests.integration.notifier.at_work import Notifier
from tests.integration.notifier.events import (
    ACME,
    ANN,
    END,
    NOON,
    acme,
    activated,
    ann,
    event_id_of,
    offer,
)

SECRET = {"username": "u5f2c", "password": "correct horse", "url": "https://panel.example/"}


async def test_credentials_wait_for_the_address_and_arrive_once_it_is_known(
    notifier: Notifier,
) -> None:
    told = activated(await notifier.sealed(**SECRET))

    await notifier.hear(told, offer())
    await notifier.mail()
    assert notifier.mailboxes.sandbox.mails() == []
    await notifier.hear(ann(), acme())
    await notifier.mail()

    [mail] = notifier.mailboxes.sandbox.mails()
    assert mail["envelope_to"] == ["ann@example.org"]
    assert mail["subject"] == "Your Pro Plan is ready"
    assert "Password: correct horse" in mail["text"]
    [sent] = await notifier.published("notification.sent")
    assert (sent["version"], sent["key"]) == (1, ANN)
    assert sent["body"]["message"] == {
        "partner_id": ACME,
        "version": 1,
        "id": mail["headers"]["X-Perennial-Message"],
        "dedupe_key": f"credentials/{ANN}/{event_id_of(told)}",
        "template": "credentials",
        "customer_id": ANN,
        "subscription_id": "sub_1",
        "cause_event_id": event_id_of(told),
        "status": "sent",
        "message_id": mail["message_id"],
        "detail": None,
    }


async def test_the_secret_is_nowhere_in_the_database_and_its_seal_is_erased(
    notifier: Notifier,
) -> None:
    await notifier.hear(activated(await notifier.sealed(**SECRET)), ann(), acme())
    before = await _everything(notifier)
    await notifier.mail()
    after = await _everything(notifier)

    assert "correct horse" not in before + after
    [row] = await notifier.rows("select * from messages where template = 'credentials'")
    assert (row["state"], row["seal_jwe"], row["seal_kid"]) == ("sent", None, None)


async def test_a_seal_whose_key_is_gone_fails_the_mail_and_says_so(notifier: Notifier) -> None:
    sealed = await notifier.sealed(**SECRET)
    await notifier.hear(
        activated(Sealed(kid="seal_gone", jwe=sealed.jwe, expires_at=END)), ann(), acme()
    )

    await notifier.mail()

    assert (await notifier.messages())["credentials"] == ("failed", "seal_expired")
    [failed] = await notifier.published("notification.failed")
    assert failed["body"]["message"]["status"] == "failed"
    assert failed["body"]["message"]["detail"] == "seal_expired"
    assert notifier.mailboxes.sandbox.mails() == []


async def test_a_seal_that_was_tampered_with_fails_the_mail(notifier: Notifier) -> None:
    sealed = await notifier.sealed(**SECRET)
    tampered = Sealed(kid=sealed.kid, jwe=sealed.jwe[:-4] + "AAAA", expires_at=END)
    await notifier.hear(activated(tampered), ann(), acme())

    await notifier.mail()

    assert (await notifier.messages())["credentials"] == ("failed", "seal_broken")


async def test_an_expired_seal_fails_the_mail(notifier: Notifier) -> None:
    sealed = await notifier.sealed(**SECRET)
    expired = Sealed(kid=sealed.kid, jwe=sealed.jwe, expires_at=NOON - timedelta(days=400))
    await notifier.hear(activated(expired), ann(), acme())

    await notifier.mail()

    assert (await notifier.messages())["credentials"] == ("failed", "seal_expired")


async def test_a_key_is_published_at_the_first_start_and_its_end_is_known(
    notifier: Notifier,
) -> None:
    [told] = await notifier.published("sealing_key.published")
    [timer] = await notifier.rows("select * from timers where kind = $1", SEALING_KEY_EXPIRY)

    key = told["body"]["sealing_key"]
    assert key["jwk"]["kty"] == "OKP"
    assert "d" not in key["jwk"]
    assert timer["subject"] == key["kid"]


async def _everything(notifier: Notifier) -> str:
    tables = await notifier.rows(
        "select table_name as name from information_schema.tables where table_schema = 'public'"
    )
    texts = [
        str(await notifier.rows(f"select t::text from {each['name']} t"))  # noqa: S608  our tables
        for each in tables
    ]
    payloads = await notifier.rows("select convert_from(payload, 'utf8') from outbox")
    return "".join(texts) + str(payloads)
