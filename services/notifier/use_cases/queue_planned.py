"""Queue the mails whose hour has come, if they still fit."""

from collections.abc import Mapping
from datetime import datetime

from services.notifier.domain.message import MessageId
from services.notifier.use_cases.ports import Changed, Transaction


async def queue_planned(due: Mapping[MessageId, datetime], tx: Transaction) -> None:
    """`due` is the partner's time for each. One that was dropped in between stays dropped.

    The subscriptions are not locked: whoever follows them locks them before the timers and the
    messages, and this comes from the timers.
    """
    messages = await tx.messages.get_many(due)
    keys = {each.subscription_key for each in messages.values() if each.subscription_key}
    newest = await tx.subscriptions.look_up(keys)
    changed: list[Changed] = []
    for each in messages.values():
        if each.subscription_key in newest:
            events = each.fall_due(newest[each.subscription_key], due[each.id])
            changed.append((each, events))
    await tx.messages.save_many(changed)
