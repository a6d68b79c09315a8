"""Keep up with the subscriptions, drop what does not fit them any more, tell what has happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notifier.domain.message import Message
from services.notifier.domain.occasion import Occasion
from services.notifier.domain.subscription import Subscription, SubscriptionKey
from services.notifier.use_cases.ports import Changed, Transaction
from services.notifier.use_cases.tell import MAIL_DUE, tell
from shared.ids import PartnerId


async def follow_subscriptions(
    told: Sequence[Subscription],
    occasions: Sequence[Occasion],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """`told` are the states that came with the events, `occasions` what a person must hear of."""
    keys = {each.key for each in told}
    await tx.subscriptions.put_many(told)
    newest = await tx.subscriptions.get_many(keys)
    await _drop_unwanted(newest, tx, now_by_partner)
    waited = await tx.waiting.take(keys)
    await tell([*waited, *occasions], tx, now_by_partner)


async def _drop_unwanted(
    newest: Mapping[SubscriptionKey, Subscription],
    tx: Transaction,
    now_by_partner: Mapping[PartnerId, datetime],
) -> None:
    """Timers first and messages after, as when a timer fires: neither waits for the other."""
    planned = await tx.messages.planned_for(newest.keys())
    unwanted = sorted({each.id for each in planned if _is_unwanted(each, newest)})
    if not unwanted:
        return
    await tx.timers.cancel([MAIL_DUE], unwanted)
    changed: list[Changed] = []
    for each in (await tx.messages.get_many(unwanted)).values():
        if each.subscription_key is not None:
            events = each.follow(newest[each.subscription_key], now_by_partner[each.partner_id])
            changed.append((each, events))
    await tx.messages.save_many(changed)


def _is_unwanted(message: Message, newest: Mapping[SubscriptionKey, Subscription]) -> bool:
    key = message.subscription_key
    return key is not None and message.why_unwanted(newest[key]) is not None
