"""The SMTP side: accepts every mail, unless a rule says what goes wrong with it."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.standins.answer import USUAL_SECONDS
from deploy.standins.mailbox.post import Post, subject_of
from deploy.standins.rules import RuleOrder, Rules

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
        sender, recipients = envelope.mail_from or "", [str(to) for to in envelope.rcpt_tos]
        rule = self._rule(content, sender, recipients)
        deed = rule.do if rule else "accept"
        if deed == "temporary":
            return "451 4.3.0 try again later"
        if deed != "drop_before":
            self._post.accept(content, sender, recipients)
        if deed in {"drop_before", "drop_after"} and server.transport:
            server.transport.close()
        if rule and deed == "slow":
            await asyncio.sleep(USUAL_SECONDS["slow"] if rule.seconds is None else rule.seconds)
        return "250 2.0.0 OK"

    def _rule(self, content: bytes, sender: str, recipients: list[str]) -> RuleOrder | None:
        if self._rules.empty:
            return None
        subject = subject_of(content)
        return self._rules.pick(
            "mail", {"to": tuple(recipients), "from": (sender,), "subject": (subject,)}
        )


async def listen(postman: Postman, host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(postman, hostname="mailbox", enable_SMTPUTF8=True, loop=loop), host, port
    )
