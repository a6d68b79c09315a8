"""Everything billing holds on one subscription, and what an act upon it leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.billing.domain.contract import Contract, SubscriptionKey, Terms
from services.billing.domain.credit_note import CreditNote
from services.billing.domain.dunning import STANDING, Dunning
from services.billing.domain.events import Event, OpenedBy, PeriodOpened, Said
from services.billing.domain.filed import Filed
from services.billing.domain.invoice import Invoice, InvoiceId
from services.billing.domain.ledger import Posting
from services.billing.domain.order import Order
from services.billing.domain.payment_attempt import PaymentAttempt
from services.billing.domain.refund import Refund
from services.billing.domain.schedule import Period
from services.billing.domain.standing import Standing, StandingStatus
from services.billing.domain.verification import Verification


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to happen at an instant; each (kind, subject, key) once for ever."""

    kind: str
    subject: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    period: Period
    by: OpenedBy
    invoice_id: InvoiceId | None
    order_id: str | None


@dataclass(slots=True, kw_only=True)
class Books:
    """Loaded: the contract, its standing, what is open, and what the act at hand asked for.

    An act changes these and appends to the lists below; saving stores all of it at once.
    `heard` are the terms as they were loaded; `silenced` are timers, (kind, subject), that no longer count.
    """

    contract: Contract
    standing: Standing = field(default_factory=Standing)
    is_new: bool = False
    heard: Terms | None = None
    verification: Verification | None = None
    invoices: Filed[Invoice] = field(default_factory=Filed)
    attempts: Filed[PaymentAttempt] = field(default_factory=Filed)
    dunnings: Filed[Dunning] = field(default_factory=Filed)
    orders: Filed[Order] = field(default_factory=Filed)
    opened: list[OpenedPeriod] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    silenced: set[tuple[str, str]] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    events_taken: int = 0

    @property
    def key(self) -> SubscriptionKey:
        return self.contract.key

    @property
    def open_invoices(self) -> list[Invoice]:
        """Oldest first."""
        found = [each for each in self.invoices if each.is_open]
        if len(found) > 1:
            found.sort(key=lambda each: each.period.no)
        return found

    @property
    def oldest_open(self) -> Invoice | None:
        found = self.open_invoices
        return found[0] if found else None

    @property
    def is_exhausted(self) -> bool:
        return self._status() is StandingStatus.EXHAUSTED

    @property
    def next_no(self) -> int:
        return self.contract.next_no(len(self.open_invoices))

    def under_way(self, invoice: Invoice) -> PaymentAttempt | None:
        return next(
            (each for each in self.attempts if each.invoice_id == invoice.id and each.is_under_way),
            None,
        )

    def say(
        self, event: Callable[[Said], Event], at: datetime, kind: str, reason: str | None = None
    ) -> None:
        """One step of the version; the standing is read off the facts, so they cannot disagree."""
        self.standing = self._restated()
        self.events.append(event(Said(self.contract, self.standing, at, kind, reason)))

    def note_opened(
        self,
        period: Period,
        by: OpenedBy,
        invoice: Invoice | None = None,
        order_id: str | None = None,
    ) -> None:
        """The period may run; it is counted now, and said with `say_opened`."""
        self.contract.periods_opened += 1
        if invoice is not None:
            order_id = invoice.order_id
        self.opened.append(OpenedPeriod(period, by, invoice.id if invoice else None, order_id))

    def say_opened(self, at: datetime, kind: str, *, moved: bool = False) -> None:
        """Tell of the period noted last; `moved`: the billing day moved with it."""
        last = self.opened[-1]
        schedule = self.contract.schedule
        anchor_on = schedule.anchor_on if moved and schedule else None
        self.say(
            lambda said: PeriodOpened(
                said, last.period, last.by, last.invoice_id, anchor_on, last.order_id
            ),
            at,
            kind,
        )

    def silence(self, subject: str, *kinds: str) -> None:
        self.silenced |= {(kind, subject) for kind in kinds}

    def take_events(self) -> Sequence[Event]:
        """Those said since they were last taken."""
        fresh = self.events[self.events_taken :]
        self.events_taken = len(self.events)
        return fresh

    def _status(self) -> StandingStatus:
        oldest = self.oldest_open
        dunning = self.dunnings.get(oldest.id) if oldest else None
        return STANDING[dunning.state] if dunning else StandingStatus.CURRENT

    def _restated(self) -> Standing:
        oldest = self.oldest_open
        dunning = self.dunnings.get(oldest.id) if oldest else None
        owing = dunning is not None and STANDING[dunning.state] is not StandingStatus.CURRENT
        return Standing(
            version=self.standing.version + 1,
            status=STANDING[dunning.state] if dunning else StandingStatus.CURRENT,
            paid_through=self.contract.covered_until,
            open_invoice_id=oldest.id if oldest else None,
            next_attempt_at=dunning.next_retry_at if dunning else None,
            grace_until=dunning.grace_until if dunning and owing else None,
        )
