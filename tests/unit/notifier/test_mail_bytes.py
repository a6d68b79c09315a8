"""The bytes of a mail say what the standard library's own mail of the same values says."""

from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, default
from typing import Final

import pytest

from services.notifier.adapters.letter_renderer import LetterRenderer
from services.notifier.adapters.mail import Sender, compose
from services.notifier.adapters.mime import UnsafeHeader, header, two_forms
from services.notifier.domain.letter import Rendered
from services.notifier.domain.template import Template
from tests.unit.notifier.letters import a_letter
from tests.unit.notifier.stories import BRAND, CONTACT

NAMES: Final = {
    "plain": "Acme Hosting",
    "umlauts": "Bücher & Söhne, Köln",
    "emoji": "Rocket 🚀 Hosting 👩‍👩‍👧",
    "quotes and commas": 'Doe, "Jane" (Inc.); <a@b.example>: \\',
    "right to left": "\u202bשבת נעימה\u202c, مرحبا",
    "long": "A name of very many words " * 12 + "ends",
    "long without a space": "Donaudampfschiff" * 20,
    "long umlauts": "Größenwahn ist überall " * 10 + "ü",
    "beyond a line of mail": "x" * 1200,
    "an encoded word": "=?utf-8?q?a_b?= c",
    "half an encoded word": "Is 1 =? 2 ?= 3",
    "unusual spaces": "a\u00a0b\u2009c  d",
    "as long as a line": "n" * 69,
    "one longer than a line": "n" * 70,
}
BODIES: Final = {
    "plain": "Hello.\nGoodbye.\n",
    "umlauts": "Grüße aus Köln\n",
    "emoji and right to left": "🚀 👩‍👩‍👧\nשבת נעימה\n",
    "a line beyond 998": "y" * 3000 + " " + "ß" * 3000 + "\n",
    "dots": ".\n..\n.hidden\n",
    "what looks like an end": "--=_perennial--\n--=_perennial\n=_perennial\n",
    "what looks encoded": "=3D = =\nf=C3=BC\n",
    "spaces at the end": "a \nb\t\n  \n",
    "line ends of all kinds": "a\r\nb\rc\nd\x0be\x0cf\u2028g\x85h\n",
    "no end of line": "a",
}


@pytest.mark.parametrize("value", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("local", ["help", "jörg"])
@pytest.mark.parametrize("name", ["From", "Subject", "X-Perennial-Event"])
def test_a_header_is_the_very_one_of_the_standard_library(
    name: str, local: str, value: str
) -> None:
    said = Address(value, local, "acme.example") if name == "From" else value
    policy = SMTP if local.isascii() else SMTPUTF8
    standard = EmailMessage(policy)
    standard[name] = said

    assert header(name, said, utf8=policy.utf8) + b"\r\n" == standard.as_bytes(policy=policy)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_both_forms_are_read_as_they_were_written(body: str) -> None:
    standard = EmailMessage(SMTP)
    standard.set_content(body)
    standard.add_alternative(f"<p>{body}</p>", subtype="html")
    mail = two_forms(body, f"<p>{body}</p>")

    assert _parts(mail) == _parts(standard.as_bytes(policy=SMTP))
    assert mail.isascii()
    assert max(len(line) for line in mail.split(b"\r\n")) <= 76
    assert b"\r" not in mail.replace(b"\r\n", b"")


@pytest.mark.parametrize("value", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("address", ["ann@example.org", "jörg@example.org"])
def test_a_name_from_outside_neither_adds_a_header_nor_hides_one(address: str, value: str) -> None:
    contact = replace(CONTACT, name=value, email=address, email_ascii="")
    letter = a_letter(Template.WIN_BACK, contact, replace(BRAND, name=value), value)
    rendered = LetterRenderer()(letter)

    plain = a_letter(Template.WIN_BACK)
    usual = _read(compose(plain, LetterRenderer()(plain), Sender("no-reply@perennial.example")))
    mail = _read(compose(letter, rendered, Sender("no-reply@perennial.example")))

    assert mail.keys() == usual.keys()
    assert mail["To"] == address
    assert [each.defects for each in mail.walk()] == [[], [], []]
    assert _parts(mail.as_bytes()) == [
        ("text/plain", _lines(rendered, "text")),
        ("text/html", _lines(rendered, "html")),
    ]


@pytest.mark.parametrize("end", ["=0D=0A", "=0A", "=0D", "=00"])
@pytest.mark.parametrize("utf8", [False, True])
def test_an_encoded_line_break_is_one(end: str, *, utf8: bool) -> None:
    with pytest.raises(UnsafeHeader):
        header("Subject", f"=?utf-8?q?a{end}Bcc=3A_all=40example=2Eorg?=", utf8=utf8)


@pytest.mark.parametrize("end", ["\u2028", "\x85"])
def test_a_line_end_beyond_ascii_makes_no_header(end: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        header("Subject", f"a{end}Bcc: all@example.org", utf8=False)


def _read(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def _parts(mail: bytes) -> list[tuple[str, list[str]]]:
    """Line by line: how a line ends on the wire is not part of what it says."""
    read = _read(mail)
    assert read.get_content_type() == "multipart/alternative"
    return [
        (part.get_content_type(), part.get_content().replace("\r\n", "\n").split("\n"))
        for part in read.iter_parts()
    ]


def _lines(rendered: Rendered, form: str) -> list[str]:
    said: str = getattr(rendered, form)
    return [*said.removesuffix("\n").split("\n"), ""]
