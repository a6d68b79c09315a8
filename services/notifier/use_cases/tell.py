"""Turn what has happened into messages, queued or planned."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.notifier.domain.follow_up import mails_for
from services.notifier.domain.message import Message, State
from services.notifier.domain.occasion import Occasion
from services.notifier.domain.subscription import Subscription, SubscriptionKey
from services.notifier.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.timer import Timer

MAIL_DUE: Final = "mail_due"


async def tell(
    occasions: Sequence[Occasion],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """What names a subscription that is not known yet is kept, and told when it is.

    Nothing is planned ahead for a partner whose mails are off: what it would have led to is not
    mailed when they are on again.
    """
    keys = {each.key for each in occasions if each.key}
    known = await tx.subscriptions.get_many(keys)
    await tx.waiting.keep([each for each in occasions if each.key and each.key not in known])
    silent = await tx.directory.switched_off({each.partner_id for each in occasions})
    drafted = [
        Message.drafted(draft, occasion, now_by_partner[occasion.partner_id])
        for occasion in occasions
        if occasion.key is None or occasion.key in known
        for draft in mails_for(occasion, _newest(occasion, known))
    ]
    messages = [each for each in drafted if not _in_vain(each, silent)]
    new = await tx.messages.add_many(messages)
    await tx.timers.set(
        [_due(each) for each in messages if each.id in new and each.state is State.PLANNED]
    )


def _in_vain(message: Message, silent: Collection[PartnerId]) -> bool:
    return message.state is State.PLANNED and message.partner_id in silent


def _newest(
    occasion: Occasion, known: Mapping[SubscriptionKey, Subscription]
) -> Subscription | None:
    return known[occasion.key] if occasion.key else None


def _due(message: Message) -> Timer:
    return Timer(
        MAIL_DUE,
        message.id,
        "",
        message.since,
        message.partner_id,
        message.cause.correlation_id,
    )
