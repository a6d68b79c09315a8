"""A letter as an Internet message; no value from outside can add a header to it."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import format_datetime

from services.notifier.adapters.mime import UnsafeHeader, header, refuse_control, two_forms
from services.notifier.adapters.published import header_id
from services.notifier.domain.letter import Letter, Rendered


@dataclass(frozen=True, slots=True)
class Sender:
    """The address in whose name all brands write; answers go to the brand."""

    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def compose(letter: Letter, rendered: Rendered, sender: Sender) -> bytes:
    """The same bytes for every server, so that a mail is written once.

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
    utf8 = not contact.address.isascii()
    lines = [header(name, value, utf8=utf8) for name, value in headers.items()]
    return b"".join(lines) + two_forms(rendered.text, rendered.html)


def _address(name: str, address: str, display_name: str = "") -> Address:
    refuse_control(name, address + display_name)
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise UnsafeHeader(name)
    return Address(display_name, local, domain)
