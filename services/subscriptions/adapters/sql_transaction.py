"""One transaction on the subscriptions database, with everything that edges and use cases need."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.subscriptions.adapters.account_repository import AccountRepository
from services.subscriptions.adapters.deadline_timers import DeadlineTimers
from services.subscriptions.adapters.gated_order_repository import GatedOrderRepository
from services.subscriptions.adapters.history import History
from services.subscriptions.adapters.offer_repository import OfferRepository
from services.subscriptions.adapters.order_repository import (
    OrderRepository,
    RejectedCheckoutRepository,
)
from services.subscriptions.adapters.subscription_repository import SubscriptionRepository
from shared.sealing import SealingKeys
from shared.transaction import Transaction, Transactions


class SqlTransaction:
    def __init__(self, kernel: Transaction) -> None:
        self.sql = kernel.sql
        self.clocks = kernel.clocks
        self.inbox = kernel.inbox
        self.parking = kernel.parking
        self.timers = kernel.timers
        self.held = kernel.held
        self.sealing_keys = SealingKeys(kernel.sql)
        self.accounts = AccountRepository(kernel)
        self.offers = OfferRepository(kernel.sql, kernel.outbox)
        self.orders = OrderRepository(kernel.sql, kernel.outbox)
        self.gated_orders = GatedOrderRepository(kernel.sql, kernel.outbox, kernel.timers)
        self.rejected_checkouts = RejectedCheckoutRepository(kernel.sql)
        self.subscriptions = SubscriptionRepository(
            kernel.sql,
            kernel.outbox,
            History(kernel.sql),
            DeadlineTimers(kernel.timers),
            self.accounts,
        )


def begins(
    transactions: Transactions, *, in_sets: bool = False
) -> Callable[[], AbstractAsyncContextManager[SqlTransaction]]:
    @asynccontextmanager
    async def begin() -> AsyncIterator[SqlTransaction]:
        async with transactions.begin(in_sets=in_sets) as kernel:
            yield SqlTransaction(kernel)

    return begin
