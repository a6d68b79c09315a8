"""A letter as an Internet message; no value from outside can add a header to it."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from services.notifier.adapters.published import header_id
from services.notifier.domain.letter import Letter, Rendered

DELETE = 0x7F


class UnsafeHeader(Exception):
    """A value holds a line break or another control character; it names the header, not the value."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The address in whose name all brands write; answers go to the brand."""

    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def compose(letter: Letter, rendered: Rendered, sender: Sender) -> EmailMessage:
    """
    Raises:
        UnsafeHeader: the mail must not leave.
    """
    message, contact, brand = letter.to.message, letter.to.contact, letter.to.brand
    headers: dict[str, str | Address] = {
        "From": _address("From", sender.address, brand.name),
        "To": _address("To", contact.address),
        "Reply-To": _address("Reply-To", brand.support_email),
        "Subject": rendered.subject,
        "Date": format_datetime(letter.at),
        "Message-ID": header_id(message, sender.domain),
        "Auto-Submitted": "auto-generated",
        "X-Perennial-Template": message.template.value,
        "X-Perennial-Message": message.id,
        "X-Perennial-Partner": message.partner_id,
        "X-Perennial-Event": message.cause.event_id,
    }
    mail = EmailMessage(SMTP if contact.address.isascii() else SMTPUTF8)
    for name, value in headers.items():
        _refuse_control(name, str(value))
        mail[name] = value
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    return mail


def _address(header: str, address: str, display_name: str = "") -> Address:
    _refuse_control(header, address + display_name)
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise UnsafeHeader(header)
    return Address(display_name, local, domain)


def _refuse_control(header: str, value: str) -> None:
    if any(ord(character) < ord(" ") or ord(character) == DELETE for character in value):
        raise UnsafeHeader(header)
