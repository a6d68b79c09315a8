"""The service panel and the mail server, behind the ports by which they are called."""

from collections import Counter
from dataclasses import dataclass, field

from services.notifier.adapters.letter_renderer import LetterRenderer
from services.notifier.adapters.mail import Sender
from services.notifier.domain.letter import Letter
from services.notifier.domain.outcome import Accepted, Deferred, Outcome
from services.subscriptions.domain.account import AccountStatus
from services.subscriptions.use_cases.ports import AccountCall, OpenedAccount, PanelUnavailable


@dataclass
class Panel:
    """`trouble` is how many of the next calls fail; every second one of them is done all the same."""

    accounts: dict[str, tuple[int, AccountStatus]] = field(default_factory=dict)
    trouble: int = 0

    def clear(self) -> None:
        self.accounts.clear()
        self.trouble = 0

    async def tell(self, call: AccountCall) -> OpenedAccount | None:
        if self.trouble:
            self.trouble -= 1
            if self.trouble % 2:
                self._keep(call)
            raise PanelUnavailable("ReadTimeout")
        status = self._keep(call)
        if call.is_open or status is AccountStatus.DELETED:
            return None
        return OpenedAccount(call.key.id, "a password of the panel's", "https://panel.example/")

    def _keep(self, call: AccountCall) -> AccountStatus:
        """A call that a later one has overtaken changes nothing."""
        version, status = self.accounts.get(call.key.id, (0, AccountStatus.ENABLED))
        if call.version >= version:
            version, status = call.version, call.account.status
        self.accounts[call.key.id] = version, status
        return status


@dataclass
class Mailbox:
    """The notifier's post: takes letters, or puts them off."""

    sender: Sender = field(default_factory=lambda: Sender("no-reply@perennial.example"))
    render: LetterRenderer = field(default_factory=LetterRenderer)
    trouble: int = 0
    letters: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        self.letters.clear()
        self.trouble = 0

    async def hand_in(self, letter: Letter) -> Outcome:
        if self.trouble:
            self.trouble -= 1
            return Deferred("smtp_421")
        self.letters[letter.to.message.template] += 1
        return Accepted()

    async def close(self) -> None:
        """There is nothing to hang up."""
