"""Bringing another payment method, and what it settles at once."""

from datetime import datetime
from functools import partial

from services.billing.domain.books import Books
from services.billing.domain.collection import collect
from services.billing.domain.contract import Method, SubscriptionEnded
from services.billing.domain.events import PaymentMethodChanged
from services.billing.domain.first_period import charge_first
from services.billing.domain.payment_attempt import AttemptState


def change_method(
    books: Books, method: Method, at: datetime, actor: str, *, may_charge: bool
) -> None:
    """It is charged from now on. What is owed is tried with it at once; that uses up no retry.

    An attempt that is under way keeps its method; should it fail, the new one is tried then.

    Raises:
        SubscriptionEnded: nothing will be charged any more.
    """
    contract = books.contract
    if contract.is_over:
        raise SubscriptionEnded(f"subscription {contract.subscription_id} has ended")
    contract.method = method
    books.say(partial(PaymentMethodChanged, method=method), at, "payment_method_changed")
    invoice = books.oldest_open
    waiting = books.under_way(invoice) if invoice else None
    if waiting is not None and waiting.state is AttemptState.CREATED:
        books.attempts.touch(waiting.id).method = method
    elif invoice is not None and may_charge:
        collect(books, "extra", at, actor)
    elif invoice is None and awaits_first_money(books):
        charge_first(books, at)


def awaits_first_money(books: Books) -> bool:
    """Nothing runs, nothing is being verified: the customer was asked for a method."""
    contract = books.contract
    return not contract.covered and books.verification is None and not contract.terms.is_held
