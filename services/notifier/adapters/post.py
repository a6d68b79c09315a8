"""Writes letters and hands them to the mail server of their partner: live, or the sandbox's."""

import logging
from dataclasses import dataclass

from jinja2 import TemplateError

from services.notifier.adapters.letter_renderer import LetterRenderer
from services.notifier.adapters.mail import Sender, compose
from services.notifier.adapters.mime import UnsafeHeader
from services.notifier.adapters.smtp_pool import SmtpPool
from services.notifier.domain.letter import Letter
from services.notifier.domain.outcome import Deferred, Outcome, Refused
from shared.ids import is_sandbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmtpPost:
    render: LetterRenderer
    sender: Sender
    live: SmtpPool
    sandbox: SmtpPool

    async def hand_in(self, letter: Letter) -> Outcome:
        try:
            mail = compose(letter, self.render(letter), self.sender)
        except UnsafeHeader as error:
            return Refused(f"unsafe_header {error}")
        except (TemplateError, ValueError, LookupError) as error:
            # The fault is ours and a new release may mend it, so the mail is not given up.
            name = type(error).__name__
            log.exception("letter.not_written", extra={"message_id": letter.to.message.id})
            return Deferred(f"not_written {name}")
        contact = letter.to.contact
        return await self._pool(letter).send(mail, self.sender.address, contact.address)

    async def close(self) -> None:
        await self.live.close()
        await self.sandbox.close()

    def _pool(self, letter: Letter) -> SmtpPool:
        """Either sign of a sandbox is enough: its mail must never reach a real person."""
        if is_sandbox(letter.to.message.partner_id) or letter.to.brand.sandbox:
            return self.sandbox
        return self.live
