"""One mail to one person, from the draft to its end; it ends once and says so once."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self, TypeAlias

from services.notifier.domain.facts import Facts
from services.notifier.domain.journey import Draft, why_not_now, why_unwanted
from services.notifier.domain.occasion import Cause, Occasion, Seal
from services.notifier.domain.outcome import Accepted, Deferred, Outcome, Refused
from services.notifier.domain.people import Brand, Contact, CustomerId
from services.notifier.domain.subscription import Subscription, SubscriptionId, SubscriptionKey
from services.notifier.domain.template import RULES, Template
from shared.errors import NotFound
from shared.ids import PartnerId, derived_id

MessageId = NewType("MessageId", str)
# After a connection that broke, soon; after that ever later, the last of them for ever.
BACK_OFF: Final = tuple(timedelta(seconds=each) for each in (2, 10, 60, 300, 900, 3600))


class State(StrEnum):
    """`planned` waits for its hour, `queued` for the mail server (or for the recipient's address)."""

    PLANNED = "planned"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class MessageNotFound(NotFound):
    code = "message_not_found"


@dataclass(frozen=True, slots=True)
class MessageSent:
    message: "Message"
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageFailed:
    """It will not be sent: refused, given up, or suppressed; `message.detail` says why."""

    message: "Message"
    at: datetime


MessageEvent: TypeAlias = MessageSent | MessageFailed


@dataclass(slots=True, kw_only=True)
class Message:
    """`since` is what its age counts from, in the partner's time. `retry_at` is the system's time:
    a mail server knows nothing of a sandbox.
    """

    id: MessageId
    partner_id: PartnerId
    customer_id: CustomerId
    subscription_id: SubscriptionId | None
    template: Template
    facts: Facts
    cause: Cause
    since: datetime
    state: State
    version: int = 0
    seal: Seal | None = field(default=None, repr=False)
    attempts: int = 0
    retry_at: datetime | None = None
    detail: str | None = None
    ended_at: datetime | None = None

    @classmethod
    def drafted(cls, draft: Draft, occasion: Occasion, now: datetime) -> Self:
        """The id follows from why it is sent and to whom: a repeat makes the same message."""
        later = draft.send_at is not None and draft.send_at > now
        event_id = occasion.cause.event_id
        return cls(
            id=MessageId(derived_id("msg", draft.template, draft.customer_id, event_id)),
            partner_id=occasion.partner_id,
            customer_id=draft.customer_id,
            subscription_id=occasion.subscription_id,
            template=draft.template,
            facts=draft.facts,
            cause=occasion.cause,
            since=draft.send_at or occasion.cause.at,
            state=State.PLANNED if later else State.QUEUED,
            seal=draft.seal,
        )

    @property
    def subscription_key(self) -> SubscriptionKey | None:
        if self.subscription_id is None:
            return None
        return SubscriptionKey(self.partner_id, self.subscription_id)

    @property
    def dedupe_key(self) -> str:
        return f"{self.template}/{self.customer_id}/{self.cause.event_id}"

    def why_unwanted(self, newest: Subscription) -> str | None:
        if self.state is not State.PLANNED:
            return None
        return why_unwanted(self.template, self.facts, newest)

    def follow(self, newest: Subscription, at: datetime) -> list[MessageEvent]:
        """The subscription has moved: a planned mail that does not fit any more is dropped."""
        reason = self.why_unwanted(newest)
        return [self._end(State.SUPPRESSED, reason, at)] if reason else []

    def fall_due(self, newest: Subscription, at: datetime) -> list[MessageEvent]:
        """Its hour has come; a message that is not waiting for it any more stays as it is."""
        if self.state is not State.PLANNED:
            return []
        if reason := self.why_unwanted(newest) or why_not_now(newest):
            return [self._end(State.SUPPRESSED, reason, at)]
        self.state = State.QUEUED
        return []

    def start_sending(
        self, contact: Contact, brand: Brand, *, may_be_opened: bool, at: datetime
    ) -> list[MessageEvent]:
        """The last look before it leaves: nothing stale, nothing unwanted, nothing without its
        secret. It ends here where one of them holds, else it is under way.
        """
        rule = RULES[self.template]
        if rule.max_age is not None and at - self.since > rule.max_age:
            return [self._too_late(at)]
        if not rule.security and not contact.notifications_enabled:
            return [self._end(State.SUPPRESSED, "customer_switched_off", at)]
        if not rule.security and not brand.notifications_enabled:
            return [self._end(State.SUPPRESSED, "partner_switched_off", at)]
        if not may_be_opened:
            return [self._end(State.FAILED, "seal_expired", at)]
        self.state = State.SENDING
        self.attempts += 1
        return []

    def settle(self, outcome: Outcome, at: datetime, system_now: datetime) -> list[MessageEvent]:
        """Write down what the mail server said; a message that has ended stays ended."""
        if self.state is not State.SENDING:
            return []
        match outcome:
            case Accepted():
                return [self._end(State.SENT, None, at)]
            case Refused():
                return [self._end(State.FAILED, outcome.detail, at)]
            case Deferred():
                wait = BACK_OFF[min(self.attempts, len(BACK_OFF)) - 1]
                self.state, self.detail = State.QUEUED, outcome.detail
                self.retry_at = system_now + wait
                return []

    def _too_late(self, at: datetime) -> MessageEvent:
        """Never tried, it is stale; tried in vain for so long, it has failed."""
        if self.attempts == 0:
            return self._end(State.SUPPRESSED, "stale", at)
        return self._end(State.FAILED, f"given_up after {self.attempts}: {self.detail}", at)

    def _end(self, state: State, detail: str | None, at: datetime) -> MessageEvent:
        """The secret goes with the last chance to send it."""
        self.state, self.detail, self.ended_at = state, detail, at
        self.seal, self.retry_at = None, None
        self.version += 1
        event = MessageSent if state is State.SENT else MessageFailed
        return event(replace(self), at)
