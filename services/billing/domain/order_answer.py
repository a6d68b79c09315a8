"""The one answer to an order: cleared beside the period that it opens, or declined."""

from datetime import datetime
from functools import partial

from services.billing.domain.books import Books
from services.billing.domain.events import OrderCleared, OrderDeclined
from services.billing.domain.order import OrderState, Refusal


def clear(books: Books, order_id: str, invoice_id: str | None, at: datetime) -> None:
    books.orders.touch(order_id).state = OrderState.CLEARED
    books.say(partial(OrderCleared, order_id=order_id, invoice_id=invoice_id), at, "order_cleared")


def decline(books: Books, order_id: str, refusal: Refusal, at: datetime) -> None:
    books.orders.touch(order_id).state = OrderState.DECLINED
    books.say(
        partial(OrderDeclined, order_id=order_id, refusal=refusal),
        at,
        "order_declined",
        refusal.code,
    )


def not_paid(code: str) -> Refusal:
    """What the gateway said, for the one who ordered."""
    return Refusal(
        code,
        f"the charge failed: {code}",
        "Bring another payment method, then order again.",
    )
