"""The mail that was accepted, in order of arrival, folded from its ledger. What a mail says is read
when somebody asks for it: most are never asked for, and reading one costs more than taking it.
"""

from email import message_from_bytes
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, Message
from email.policy import compat32, default
from functools import lru_cache
from typing import Any, TypeAlias

from deploy.standins.ledger import Entry, Ledger
from deploy.standins.sandbox_time import shown, system_now

Mail: TypeAlias = dict[str, Any]

OURS = "x-perennial-"
# The parser asks for the type of each part some twenty times, and most mails have the same ones.
POLICY = default.clone(header_factory=lru_cache(maxsize=1024)(HeaderRegistry()))


class Post:
    """`kept` are the ledger's entries: the envelopes, and each content as it came, byte by byte."""

    def __init__(self, ledger: Ledger) -> None:
        self.kept: list[Entry] = list(ledger.at_start)
        self._ledger = ledger

    def accept(self, content: bytes, envelope_from: str, envelope_to: list[str]) -> None:
        """Kept when it returns; the same message twice is kept twice, for a checker to see."""
        entry: Entry = {
            "n": len(self.kept) + 1,
            "envelope_from": envelope_from,
            "envelope_to": envelope_to,
            "received_at": shown(system_now()),
            # Any byte has one character of Latin-1.
            "content": content.decode("latin-1"),
        }
        self._ledger.append([entry])
        self.kept.append(entry)

    def find(self, to: str | None, subject: str | None, after: int) -> list[Entry]:
        return [
            entry
            for entry in self.kept[after:]
            if (to is None or to.lower() in {each.lower() for each in entry["envelope_to"]})
            and (subject is None or subject.lower() in opened(entry)["subject"].lower())
        ]


def opened(entry: Entry) -> Mail:
    if "content" not in entry:
        # Kept by a mailbox that read each mail as it came.
        return entry
    read = _read(entry["content"])
    return {
        "n": entry["n"],
        "message_id": read["message_id"],
        "envelope_from": entry["envelope_from"],
        "envelope_to": entry["envelope_to"],
        **read,
        "received_at": entry["received_at"],
    }


def subject_of(content: bytes) -> str:
    subject: str = _read(content.decode("latin-1"))["subject"]
    return subject


# A page is asked for again and again while somebody waits for the next mail.
@lru_cache(maxsize=2048)
def _read(content: str) -> Mail:
    whole = content.encode("latin-1")
    try:
        return _told(message_from_bytes(whole, policy=POLICY))
    except Exception:  # noqa: BLE001  the parser stumbles in many ways, and the mail is here
        return _as_it_is(message_from_bytes(whole, policy=compat32), content)


def _told(message: EmailMessage) -> Mail:
    return {
        **_headers(message),
        "text": _text(message).replace("\r\n", "\n"),
        "attachments": [_attachment(part) for part in message.iter_attachments()],
    }


def _as_it_is(message: Message, content: str) -> Mail:
    return {**_headers(message), "text": content, "attachments": []}


def _headers(message: Message) -> Mail:
    return {
        "message_id": str(message["message-id"] or ""),
        "from": str(message["from"] or ""),
        "to": str(message["to"] or ""),
        "subject": str(message["subject"] or ""),
        "headers": {k: str(v) for k, v in message.items() if k.lower().startswith(OURS)},
    }


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    payload = body.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    # A mail that misnames its own charset is shown as well as can be, not refused.
    try:
        return content.decode(body.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return content.decode(errors="replace")


def _attachment(part: EmailMessage) -> dict[str, Any]:
    payload = part.get_payload(decode=True)
    return {
        "name": part.get_filename(),
        "content_type": part.get_content_type(),
        "size": len(payload) if isinstance(payload, bytes) else 0,
    }
