"""Hear what the subscriptions service says, in the order in which it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.contract import CheckoutId, Contract, SubscriptionKey, Terms
from services.billing.domain.first_period import CheckoutMoney, begin
from services.billing.domain.following import Word, follow
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import CheckoutKey, Reference, Transaction, Wanted
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`money` comes with the first word on a subscription."""

    key: SubscriptionKey
    checkout_id: CheckoutId | None
    word: Word
    origin: Origin
    money: CheckoutMoney | None = None

    @property
    def terms(self) -> Terms:
        return self.word.terms

    @property
    def checkout(self) -> CheckoutKey | None:
        return (self.key.partner_id, self.checkout_id) if self.checkout_id else None

    @property
    def reference(self) -> Reference | None:
        money = self.money
        if money is None or money.status != "captured" or money.reference is None:
            return None
        return money.gateway, money.reference


async def follow_subscriptions(
    heard: Sequence[Heard], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """Several words on one subscription are all heard, the older ones first."""
    new = [each for each in heard if each.money is not None]
    rejected = await tx.checkouts.lock({each.checkout for each in new if each.checkout})
    owners = await _claim_references(new, tx)
    known = {each.key for each in heard} - {each.key for each in new}
    books = await tx.books.get_many(known, _wanted(heard, now)) if known else {}
    acts = Acts()
    for each in heard:
        at = now[each.key.partner_id]
        if each.money is not None:
            books[each.key] = _new_books(each, is_rejected=each.checkout in rejected)
            begin(books[each.key], each.money, at, is_ours=_is_ours(each, owners))
        else:
            follow(books[each.key], each.word, at)
        acts.note(books[each.key], each.origin)
    await acts.save(tx.books, now)


async def _claim_references(new: Sequence[Heard], tx: Transaction) -> dict[Reference, CheckoutKey]:
    """Of two in one batch that name the same reference the first one has it."""
    wanted: dict[Reference, CheckoutKey] = {}
    for each in new:
        if each.reference and each.checkout:
            wanted.setdefault(each.reference, each.checkout)
    return await tx.checkouts.claim(wanted)


def _is_ours(each: Heard, owners: Mapping[Reference, CheckoutKey]) -> bool:
    return each.reference is None or owners.get(each.reference) == each.checkout


def _new_books(each: Heard, *, is_rejected: bool) -> Books:
    return Books(
        contract=Contract(
            partner_id=each.key.partner_id,
            subscription_id=each.key.id,
            checkout_id=each.checkout_id,
            correlation_id=each.origin.correlation_id,
            terms=each.terms,
            rejected=is_rejected,
        ),
        is_new=True,
    )


def _wanted(heard: Sequence[Heard], now: Mapping[PartnerId, datetime]) -> Wanted:
    """A hold, an end or a cancellation may take back what is paid for a period behind it, and an
    end while it owed what was paid for the period that it had not heard of.
    """
    since = []
    for each in heard:
        terms = each.terms
        since += [hold.placed_at for hold in terms.holds if hold.kind != "non_payment"]
        if terms.ends_at is not None:
            since.append(terms.ends_at)
        if terms.status == "canceled":
            since.append(now[each.key.partner_id])
        is_ending = terms.ends_at is not None or terms.status == "terminated"
        if is_ending and terms.is_owing and terms.next_boundary_at is not None:
            since.append(terms.next_boundary_at)
    return Wanted(since=min(since, default=None), waiting_orders=True)
