"""The SMTP side: accepts every mail, unless a rule says what goes wrong with it."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.standins.answer import USUAL_SECONDS
from deploy.standins.mailbox.post import Mail, Post, read
from deploy.standins.rules import Rules

# A recipient is refused before the mail is sent; the rest happens after its last line.
CONCERNS = {
    "permanent": "recipient",
    **dict.fromkeys(("temporary", "drop_before", "drop_after", "slow"), "mail"),
}


def mailbox_rules() -> Rules:
    return Rules(CONCERNS, frozenset({"to", "from", "subject"}))


class Postman:
    """aiosmtpd calls these by name, once a command."""

    def __init__(self, post: Post, rules: Rules) -> None:
        self._post, self._rules = post, rules

    async def handle_RCPT(  # noqa: N802  the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        if self._rules.pick("recipient", {"to": (to,), "from": (envelope.mail_from or "",)}):
            return f"550 5.1.1 <{to}>: no such mailbox"
        envelope.rcpt_tos.append(to)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  the library's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        mail = read(content, envelope.mail_from or "", [str(to) for to in envelope.rcpt_tos])
        rule = self._rules.pick("mail", _facts(mail))
        deed = rule.do if rule else "accept"
        if deed == "temporary":
            return "451 4.3.0 try again later"
        if deed != "drop_before":
            self._post.accept(mail)
        if deed in {"drop_before", "drop_after"} and server.transport:
            server.transport.close()
        if rule and deed == "slow":
            await asyncio.sleep(USUAL_SECONDS["slow"] if rule.seconds is None else rule.seconds)
        return "250 2.0.0 OK"


async def listen(postman: Postman, host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(postman, hostname="mailbox", enable_SMTPUTF8=True, loop=loop), host, port
    )


def _facts(mail: Mail) -> dict[str, tuple[str, ...]]:
    return {
        "to": tuple(mail["envelope_to"]),
        "from": (mail["envelope_from"],),
        "subject": (mail["subject"],),
    }
