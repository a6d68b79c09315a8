"""Everything this service tells the others: one case per domain event."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, assert_never

from services.notifier.domain.message import Message, MessageEvent, MessageFailed, MessageSent
from services.notifier.domain.sealing_key import SealingKeyMade
from services.notifier.use_cases.keep_sealing_keys import PLATFORM
from shared.contracts import notifier as contracts
from shared.contracts.event import Change
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing

ACTOR: Final = "service:notifier"
Ended: TypeAlias = Literal["sent", "failed", "suppressed"]
ENDED: Final[dict[str, Ended]] = {"sent": "sent", "failed": "failed", "suppressed": "suppressed"}


class Publishes:
    """`mail_domain` is the right half of every Message-ID."""

    def __init__(self, outbox: Outbox, mail_domain: str) -> None:
        self._outbox = outbox
        self._mail_domain = mail_domain

    async def messages(self, events: Sequence[MessageEvent]) -> None:
        await self._outbox.add(
            [
                Outgoing(to_contract(each, self._mail_domain), _origin(each.message), each.at)
                for each in events
            ]
        )

    async def sealing_key(self, made: SealingKeyMade) -> None:
        cause = f"sealing_key/{made.key.kid}"
        await self._outbox.add([Outgoing(_key_contract(made), Origin.first(ACTOR, cause), made.at)])


def to_contract(
    event: MessageEvent, mail_domain: str
) -> contracts.NotificationSent | contracts.NotificationFailed:
    message = event.message
    state = contracts.MessageState(
        partner_id=message.partner_id,
        version=message.version,
        id=message.id,
        dedupe_key=message.dedupe_key,
        template=message.template,
        customer_id=message.customer_id,
        subscription_id=message.subscription_id,
        cause_event_id=message.cause.event_id,
        status=ENDED[message.state],
        message_id=header_id(message, mail_domain),
        detail=message.detail,
    )
    change = Change(kind=message.state, reason=message.detail, actor=ACTOR, at=event.at)
    match event:
        case MessageSent():
            return contracts.NotificationSent(message=state, change=change)
        case MessageFailed():
            return contracts.NotificationFailed(message=state, change=change)
        case _:
            assert_never(event)


def header_id(message: Message, mail_domain: str) -> str:
    """The same at every attempt, so that a mail that went out twice can be known as one."""
    return f"<{message.id}@{mail_domain}>"


def _key_contract(made: SealingKeyMade) -> contracts.SealingKeyPublished:
    state = contracts.SealingKeyState(
        partner_id=PLATFORM,
        version=1,
        kid=made.key.kid,
        jwk=made.key.public,
        expires_at=made.key.expires_at,
    )
    change = Change(kind="published", actor=ACTOR, at=made.at)
    return contracts.SealingKeyPublished(sealing_key=state, change=change)


def _origin(message: Message) -> Origin:
    cause = message.cause
    return Origin(cause.actor, cause.event_id, cause.correlation_id, cause.traceparent)
