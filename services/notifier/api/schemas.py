"""The JSON this service speaks over HTTP; separate from the domain and from Kafka on purpose."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.notifier.domain.letter import Rendered
from services.notifier.domain.message import Message, State
from services.notifier.domain.template import Template


class MessageBody(BaseModel):
    """`planned_for` is the hour of a mail that was planned ahead; `detail` says why one ended so."""

    object: Literal["message"] = "message"
    id: str
    template: Template
    status: State
    detail: str | None
    customer_id: str
    subscription_id: str | None
    cause_event_id: str
    dedupe_key: str
    planned_for: datetime | None
    attempts: int
    ended_at: datetime | None

    @classmethod
    def of(cls, message: Message) -> "MessageBody":
        return cls(
            id=message.id,
            template=message.template,
            status=message.state,
            detail=message.detail,
            customer_id=message.customer_id,
            subscription_id=message.subscription_id,
            cause_event_id=message.cause.event_id,
            dedupe_key=message.dedupe_key,
            planned_for=message.since if message.since > message.cause.at else None,
            attempts=message.attempts,
            ended_at=message.ended_at,
        )


class PreviewBody(BaseModel):
    """How the mail reads with what is known now; a secret is never in it."""

    to: str
    subject: str
    text: str
    html: str


class MessageWithPreviewBody(MessageBody):
    """`preview` is null while the recipient or the brand is unknown."""

    preview: PreviewBody | None

    @classmethod
    def with_preview(
        cls, message: Message, address: str | None, rendered: Rendered | None
    ) -> "MessageWithPreviewBody":
        preview = None
        if address is not None and rendered is not None:
            preview = PreviewBody(
                to=address, subject=rendered.subject, text=rendered.text, html=rendered.html
            )
        return cls(**MessageBody.of(message).model_dump(), preview=preview)
