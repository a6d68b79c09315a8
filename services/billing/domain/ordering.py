"""Taking up an order and letting go of one: its invoice, its one attempt, no dunning."""

from collections.abc import Iterator
from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.contract import Method
from services.billing.domain.events import OpenedBy
from services.billing.domain.order import Order, OrderState, Refusal
from services.billing.domain.order_answer import clear, decline
from services.billing.domain.payment_attempt import attempt
from services.billing.domain.renewal import issue
from services.billing.domain.reversal import take_back_one
from services.billing.domain.schedule import Schedule

ORDER_AGAIN = "Look at the subscription, then order again."
LET_GO = frozenset({OrderState.DECLINED, OrderState.CANCELED})


def take_up_waiting(books: Books, at: datetime) -> None:
    for order in list(books.orders):
        take_up(books, order.id, at)


def take_up(books: Books, order_id: str, at: datetime) -> None:
    """Once, and not before all is heard of the subscription that the order follows."""
    order, contract = books.orders.get(order_id), books.contract
    if order is None or order.state is not OrderState.WAITING:
        return
    if contract.terms.version < order.subscription_version:
        return
    refusal = next(_objections(books, order, at), None)
    if refusal is not None:
        decline(books, order.id, refusal, at)
    elif order.gate == "none":
        _open(books, order, "grant", at)
    elif not order.total_minor:
        _open(books, order, "free", at)
    elif contract.method is not None:
        _charge(books, order, contract.method, at)


def drop(books: Books, order_id: str, at: datetime) -> None:
    """It was canceled: nothing is owed, and what was paid for it or still will be goes back.

    A number that it had opened stays used.
    """
    order = books.orders.get(order_id)
    if order is None or order.state in LET_GO:
        return
    books.orders.touch(order.id).state = OrderState.CANCELED
    for invoice in list(books.invoices):
        if invoice.order_id == order.id:
            take_back_one(books, invoice, at, "order_canceled")


def _objections(books: Books, order: Order, at: datetime) -> Iterator[Refusal]:
    contract = books.contract
    if at >= order.expires_at:
        yield Refusal("order_expired", "nobody waits for its answer any more", "Order again.")
    if contract.is_over or {hold.kind for hold in contract.terms.holds} != {"ended"}:
        yield Refusal("subscription_moved_on", "the subscription has moved on", ORDER_AGAIN)
    if order.total_minor != contract.terms.total_minor:
        yield Refusal("price_changed", "the price has changed", ORDER_AGAIN)
    if books.oldest_open is not None:
        yield Refusal("invoice_open", "an invoice is open", f"Pay {books.oldest_open.id} first.")
    if order.gate == "payment" and order.total_minor and contract.method is None:
        yield Refusal(
            "no_method", "no payment method is known", "Bring a payment method, then order again."
        )


def _restarted(books: Books, at: datetime) -> Schedule:
    """The days since the end are nobody's: the next period begins now, and its day is today's."""
    contract = books.contract
    known = contract.schedule
    if known is None:
        return Schedule.first(at, 0, contract.terms.zone, contract.terms.interval)
    return known.restarted(at, books.next_no)


def _open(books: Books, order: Order, by: OpenedBy, at: datetime) -> None:
    schedule = _restarted(books, at)
    period = schedule.running_from(at, books.next_no)
    books.contract.schedule = schedule
    books.note_opened(period, by, order_id=order.id)
    books.say_opened(at, "order", moved=True)
    clear(books, order.id, None, at)


def _charge(books: Books, order: Order, method: Method, at: datetime) -> None:
    """The dates of the invoice are those of a payment now; the period has the true ones."""
    period = _restarted(books, at).running_from(at, books.next_no)
    invoice = issue(books, period, at, at, "order", order_id=order.id)
    made = attempt(invoice, method, "order", order.actor, at)
    books.attempts.add(made.id, made)
    books.orders.touch(order.id).state = OrderState.CHARGING
