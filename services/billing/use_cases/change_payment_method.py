"""Give a subscription another payment method; what it owes is tried with it at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.billing.domain.collection import MANUAL_ATTEMPTS_A_DAY
from services.billing.domain.contract import Method, SubscriptionKey, SubscriptionUnknown
from services.billing.domain.payment_method import change_method
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import Transaction
from shared.origin import Origin

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangePaymentMethod:
    key: SubscriptionKey
    method: Method
    origin: Origin


async def change_payment_method(
    command: ChangePaymentMethod, tx: Transaction, now: datetime
) -> None:
    """After too many attempts within a day it is only kept, and the next retry uses it."""
    found = await tx.books.get_many([command.key])
    books = found.get(command.key)
    if books is None:
        raise SubscriptionUnknown(f"no subscription {command.key.id}")
    oldest = books.oldest_open
    made = await tx.attempts.made_by_hand(oldest.id, now - A_DAY) if oldest else 0
    actor = command.origin.actor
    change_method(books, command.method, now, actor, may_charge=made < MANUAL_ATTEMPTS_A_DAY)
    acts = Acts()
    acts.note(books, command.origin)
    await acts.save(tx.books, {command.key.partner_id: now})
