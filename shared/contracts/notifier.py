"""What the notifier publishes: the fate of each message, and the key to seal secrets to it."""

from typing import Any, Literal

from pydantic import AwareDatetime
from typing_extensions import override

from shared.contracts.event import Change, EventContract, State


class MessageState(State):
    """One mail to one person; `dedupe_key` is why it is never sent twice."""

    id: str
    dedupe_key: str
    template: str
    customer_id: str
    subscription_id: str | None = None
    cause_event_id: str
    status: Literal["sent", "failed", "suppressed"]
    message_id: str
    detail: str | None = None

    @property
    @override
    def key(self) -> str:
        return self.customer_id

    @property
    @override
    def subject(self) -> str:
        return self.id


class NotificationSent(EventContract):
    type = "notification.sent"
    state = "message"
    message: MessageState
    change: Change


class NotificationFailed(EventContract):
    """Given up, refused by the mail server, or suppressed; `message.detail` says why."""

    type = "notification.failed"
    state = "message"
    message: MessageState
    change: Change


class SealingKeyState(State):
    """The public key (JWK) to seal secrets to, until `expires_at`; two overlap."""

    kid: str
    jwk: dict[str, Any]
    expires_at: AwareDatetime

    @property
    @override
    def key(self) -> str:
        return self.kid


class SealingKeyPublished(EventContract):
    type = "sealing_key.published"
    state = "sealing_key"
    sealing_key: SealingKeyState
    change: Change
