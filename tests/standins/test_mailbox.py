"""Mail by real SMTP: what was accepted can be read, and what went wrong can be seen."""

import json
import smtplib
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.standins.running import StandIn

_numbers = count(1)


def test_an_accepted_mail_can_be_read(mailbox: StandIn) -> None:
    mail = _a_mail(subject="Grüße")
    mail["X-Perennial-Delivery"] = "dlv_1"
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="invoice.pdf")

    _send(mailbox, mail)

    [got] = _got(mailbox, mail)
    assert (got["message_id"], got["subject"]) == (mail["Message-ID"], "Grüße")
    assert (got["envelope_from"], got["envelope_to"]) == ("shop@example.com", [mail["To"]])
    assert got["text"] == "Welcome, Zoë.\nhttps://example.com/start?a=1&b=2\n"
    assert got["headers"] == {"X-Perennial-Delivery": "dlv_1"}
    assert got["attachments"] == [
        {"name": "invoice.pdf", "content_type": "application/pdf", "size": 5}
    ]
    assert mailbox.get(f"/messages/{got['n']}") == got


def test_mails_are_found_by_recipient_subject_and_order(mailbox: StandIn) -> None:
    first, second = _a_mail(subject="Your invoice 7"), _a_mail(subject="Welcome")
    for mail in (first, second):
        _send(mailbox, mail)

    [invoice] = mailbox.get("/messages", to=first["To"].upper(), subject="INVOICE")["messages"]
    page = mailbox.get("/messages", after=invoice["n"], limit=1)

    assert [each["to"] for each in page["messages"]] == [second["To"]]
    rest = mailbox.get("/messages", after=page["next"])
    assert rest == {"messages": [], "next": page["next"]}
    assert mailbox.http.get("/messages/100000").status_code == 404


def test_a_temporary_refusal_keeps_nothing_and_ends_after_its_times(mailbox: StandIn) -> None:
    mail = _a_mail()
    mailbox.rule("temporary", match={"to": mail["To"]}, times=2)

    codes = [_code(mailbox, mail) for _ in range(3)]

    assert codes == [451, 451, 250]
    assert len(_got(mailbox, mail)) == 1


def test_an_address_that_does_not_exist_is_refused_for_good(mailbox: StandIn) -> None:
    mail = _a_mail(to="bounce-1@example.com")
    mailbox.rule("permanent", match={"to": "bounce-*@example.com"})

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        _send(mailbox, mail)

    assert refused.value.recipients["bounce-1@example.com"][0] == 550
    assert _got(mailbox, mail) == []


def test_of_two_recipients_the_good_one_gets_the_mail(mailbox: StandIn) -> None:
    mail = _a_mail()
    mailbox.rule("permanent", match={"to": "gone@example.com"})

    with _connected(mailbox) as smtp:
        refused = smtp.send_message(mail, to_addrs=["gone@example.com", mail["To"]])

    assert list(refused) == ["gone@example.com"]
    assert len(_got(mailbox, mail)) == 1


@pytest.mark.parametrize(("deed", "kept"), [("drop_after", 1), ("drop_before", 0)])
def test_a_connection_broken_after_the_last_line_hides_whether_the_mail_was_kept(
    mailbox: StandIn, deed: str, kept: int
) -> None:
    mail = _a_mail()
    mailbox.rule(deed, match={"to": mail["To"]}, times=1)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(mailbox, mail)
    assert len(_got(mailbox, mail)) == kept

    _send(mailbox, mail)
    assert [each["message_id"] for each in _got(mailbox, mail)] == [mail["Message-ID"]] * (kept + 1)


def test_a_slow_mailbox_answers_later(mailbox: StandIn) -> None:
    mail = _a_mail()
    mailbox.rule("slow", match={"subject_prefix": "Your"}, seconds=0.3)
    begun = monotonic()

    _send(mailbox, mail)

    assert monotonic() - begun >= 0.3


def test_the_page_shows_a_mail_and_runs_nothing_of_it(mailbox: StandIn) -> None:
    mail = _a_mail(subject="<script>alert(1)</script>")
    _send(mailbox, mail)

    page = mailbox.http.get("/", params={"to": mail["To"]})

    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script" not in page.text
    assert 'href="https://example.com/start?a=1&amp;b=2"' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_mail_that_misnames_its_charset_is_kept(mailbox: StandIn) -> None:
    mail = _a_mail()
    del mail["Content-Type"]
    mail["Content-Type"] = "text/plain; charset=martian"

    _send(mailbox, mail)

    assert "Welcome" in _got(mailbox, mail)[0]["text"]


def test_a_mail_that_cannot_be_read_is_kept_and_hides_no_other(mailbox: StandIn) -> None:
    mail = _a_mail()
    unreadable = mail.as_bytes().replace(b"From: ", b"From: =?utf-8?q?a=0D=0Ab?= ")

    with _connected(mailbox) as smtp:
        smtp.sendmail("shop@example.com", [mail["To"]], unreadable)

    [got] = _got(mailbox, mail)
    assert got["message_id"] == mail["Message-ID"]
    assert "=?utf-8?q?a=0D=0Ab?= shop@example.com" in got["text"]


def test_the_store_has_every_byte_of_a_mail(tmp_path: Path) -> None:
    mailbox = StandIn.started("mailbox", tmp_path / "store")
    mail = b"Subject: a\xff\xfe\r\nMessage-ID: <1@example.com>\r\n\r\n\x00\x80\xe2\x82\xac\r\n"
    with _connected(mailbox) as smtp:
        smtp.sendmail("shop@example.com", ["ann@example.com"], mail)

    mailbox.kill()

    [line] = (tmp_path / "store" / "messages.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert kept["content"].encode("latin-1") == mail
    assert (kept["n"], kept["envelope_to"]) == (1, ["ann@example.com"])


def test_a_killed_mailbox_forgets_no_mail(tmp_path: Path) -> None:
    mailbox = StandIn.started("mailbox", tmp_path / "store")
    mail = _a_mail()
    _send(mailbox, mail)
    before = mailbox.get("/messages")

    mailbox.kill()
    mailbox.start()

    after = mailbox.get("/messages")
    mailbox.kill()
    assert before == after
    assert before["messages"][0]["to"] == mail["To"]


def _a_mail(*, to: str | None = None, subject: str = "Your subscription") -> EmailMessage:
    number = next(_numbers)
    mail = EmailMessage()
    mail["From"] = "shop@example.com"
    mail["To"] = to or f"customer-{number}@example.com"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{number}@example.com>"
    mail.set_content("Welcome, Zoë.\nhttps://example.com/start?a=1&b=2\n")
    return mail


def _connected(mailbox: StandIn) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", mailbox.smtp_port, "localhost", timeout=10)


def _send(mailbox: StandIn, mail: EmailMessage) -> None:
    with _connected(mailbox) as smtp:
        smtp.send_message(mail)


def _code(mailbox: StandIn, mail: EmailMessage) -> int:
    try:
        _send(mailbox, mail)
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code
    return 250


def _got(mailbox: StandIn, mail: EmailMessage) -> list[Any]:
    found: list[Any] = mailbox.get("/messages", to=mail["To"])["messages"]
    return found
