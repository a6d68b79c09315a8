"""What falls due: renewals, reminders, retries, the end of grace; a thousand at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.collection import retry
from services.billing.domain.contract import SubscriptionId, SubscriptionKey
from services.billing.domain.outcome import end_grace
from services.billing.domain.renewal import remind, renew
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import Transaction, Wanted
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class FallenDue:
    """`subject` is a subscription or an invoice; `key` tells its timers apart."""

    partner_id: PartnerId
    subject: str
    key: str
    origin: Origin


Act = Callable[[Books, FallenDue, datetime], None]


async def renew_subscriptions(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """One period each; nothing for those whose boundary moved or who are not billed now."""
    await _of_subscriptions(due, tx, now, lambda books, each, at: renew(books, each.key, at))


async def remind_of_renewals(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    await _of_subscriptions(due, tx, now, lambda books, each, at: remind(books, each.key, at))


async def retry_payments(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    await _of_invoices(
        due, tx, now, lambda books, each, at: retry(books, each.subject, int(each.key), at)
    )


async def end_grace_periods(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    await _of_invoices(due, tx, now, lambda books, each, at: end_grace(books, each.subject, at))


async def _of_subscriptions(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime], act: Act
) -> None:
    keys = {
        each.subject: SubscriptionKey(each.partner_id, SubscriptionId(each.subject)) for each in due
    }
    await _act(due, keys, tx, now, act)


async def _of_invoices(
    due: Sequence[FallenDue], tx: Transaction, now: Mapping[PartnerId, datetime], act: Act
) -> None:
    keys = await tx.books.of_invoices({each.subject for each in due})
    await _act(due, keys, tx, now, act)


async def _act(
    due: Sequence[FallenDue],
    keys: Mapping[str, SubscriptionKey],
    tx: Transaction,
    now: Mapping[PartnerId, datetime],
    act: Act,
) -> None:
    books = await tx.books.get_many(set(keys.values()), Wanted())
    acts = Acts()
    for each in due:
        found = books.get(keys[each.subject]) if each.subject in keys else None
        if found is not None:
            act(found, each, now[each.partner_id])
            acts.note(found, each.origin)
    await acts.save(tx.books, now)
