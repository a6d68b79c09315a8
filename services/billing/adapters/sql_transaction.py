"""One database transaction: the kernel's part and this service's repositories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.billing.adapters.books_repository import BooksRepository
from services.billing.adapters.checkout_repository import CheckoutRepository
from services.billing.adapters.order_repository import OrderRepository
from services.billing.adapters.payment_queues import PaymentQueue, VerificationQueue
from services.billing.adapters.refund_queue import RefundQueue
from services.billing.adapters.refund_repository import RefundRepository
from services.billing.adapters.webhook_queue import WebhookQueue
from shared.clock import SqlClocks
from shared.held import Held
from shared.inbox import Inbox
from shared.outbox import Outbox
from shared.parking import Parking
from shared.sql import Sql
from shared.timer import Timers
from shared.transaction import Transaction, Transactions


class SqlTransaction:
    def __init__(self, kernel: Transaction) -> None:
        self.kernel = kernel
        self.books = BooksRepository(kernel)
        self.checkouts = CheckoutRepository(kernel.sql)
        self.orders = OrderRepository(kernel.sql)
        self.refunds = RefundRepository(kernel)
        self.payments = PaymentQueue(kernel)
        self.verifying = VerificationQueue(kernel)
        self.refunding = RefundQueue(kernel)
        self.webhooks = WebhookQueue(kernel)

    @property
    def attempts(self) -> BooksRepository:
        return self.books

    @property
    def sql(self) -> Sql:
        return self.kernel.sql

    @property
    def clocks(self) -> SqlClocks:
        return self.kernel.clocks

    @property
    def outbox(self) -> Outbox:
        return self.kernel.outbox

    @property
    def inbox(self) -> Inbox:
        return self.kernel.inbox

    @property
    def parking(self) -> Parking:
        return self.kernel.parking

    @property
    def timers(self) -> Timers:
        return self.kernel.timers

    @property
    def held(self) -> Held:
        return self.kernel.held


class SqlTransactions:
    def __init__(self, transactions: Transactions, *, in_sets: bool = False) -> None:
        self._transactions = transactions
        self._in_sets = in_sets

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        async with self._transactions.begin(in_sets=self._in_sets) as kernel:
            yield SqlTransaction(kernel)
