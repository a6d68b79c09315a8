"""The mail that was accepted, in order of arrival, folded from its ledger."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, TypeAlias

from deploy.standins.ledger import Ledger
from deploy.standins.sandbox_time import shown, system_now

Mail: TypeAlias = dict[str, Any]

OURS = "x-perennial-"


class Post:
    def __init__(self, ledger: Ledger) -> None:
        self.mails: list[Mail] = list(ledger.at_start)
        self._ledger = ledger

    def accept(self, mail: Mail) -> None:
        """Kept when it returns; the same message twice is kept twice, for a checker to see."""
        kept = {"n": len(self.mails) + 1, **mail, "received_at": shown(system_now())}
        self._ledger.append([kept])
        self.mails.append(kept)

    def find(self, to: str | None, subject: str | None, after: int) -> list[Mail]:
        return [
            mail
            for mail in self.mails[after:]
            if (to is None or to.lower() in {each.lower() for each in mail["envelope_to"]})
            and (subject is None or subject.lower() in mail["subject"].lower())
        ]


def read(content: bytes, envelope_from: str, envelope_to: list[str]) -> Mail:
    message = message_from_bytes(content, policy=default)
    return {
        "message_id": str(message["message-id"] or ""),
        "envelope_from": envelope_from,
        "envelope_to": envelope_to,
        "from": str(message["from"] or ""),
        "to": str(message["to"] or ""),
        "subject": str(message["subject"] or ""),
        "headers": {k: str(v) for k, v in message.items() if k.lower().startswith(OURS)},
        "text": _text(message).replace("\r\n", "\n"),
        "attachments": [_attachment(part) for part in message.iter_attachments()],
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
