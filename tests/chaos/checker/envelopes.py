"""What the mails in the mailbox say, read from their bytes as they came."""

from collections.abc import Mapping
from email import message_from_bytes
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from typing import Any

# The parser asks for the type of each part some twenty times, and all mails have the same ones.
POLICY = default.clone(header_factory=lru_cache(maxsize=1024)(HeaderRegistry()))


def read_mail(line: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope as the mailbox noted it, with what is inside."""
    envelope = {name: value for name, value in line.items() if name != "content"}
    # The mailbox writes each byte as the character of Latin-1.
    message = message_from_bytes(line["content"].encode("latin-1"), policy=POLICY)
    return {
        **envelope,
        "message_id": str(message["Message-ID"]),
        "from": str(message["From"]),
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "headers": {name: str(message[name]) for name in message if name.startswith("X-Perennial")},
        "text": _text(message),
    }


def _text(message: EmailMessage) -> str:
    """Every form of it: what a person may see in any of them counts."""
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.get_content() for part in parts)
