"""One database transaction: the kernel's tables and this service's repositories."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.notifier.adapters.directory import DirectoryRepository
from services.notifier.adapters.message_repository import MessageRepository
from services.notifier.adapters.private_key_repository import PrivateKeyRepository
from services.notifier.adapters.published import Publishes
from services.notifier.adapters.subscription_repository import (
    SubscriptionRepository,
    WaitingOccasionRepository,
)
from services.notifier.use_cases.ports import MAILS
from shared.closed_secrets import Lock
from shared.transaction import Transaction, Transactions


class SqlTransaction:
    def __init__(self, kernel: Transaction, mail_domain: str, lock: Lock) -> None:
        publish = Publishes(kernel.outbox, mail_domain)
        self._kernel = kernel
        self.sql = kernel.sql
        self.clocks = kernel.clocks
        self.timers = kernel.timers
        self.inbox = kernel.inbox
        self.parking = kernel.parking
        self.messages = MessageRepository(kernel.sql, publish, self._give_work)
        self.subscriptions = SubscriptionRepository(kernel.sql)
        self.waiting = WaitingOccasionRepository(kernel.sql)
        self.directory = DirectoryRepository(kernel.sql, self._give_work)
        self.private_keys = PrivateKeyRepository(kernel.sql, publish, lock)

    def _give_work(self) -> None:
        self._kernel.intend(MAILS)


def begin_with(
    transactions: Transactions, mail_domain: str, lock: Lock, *, in_sets: bool = False
) -> Callable[[], AbstractAsyncContextManager[SqlTransaction]]:
    @asynccontextmanager
    async def begin() -> AsyncIterator[SqlTransaction]:
        async with transactions.begin(in_sets=in_sets) as kernel:
            yield SqlTransaction(kernel, mail_domain, lock)

    return begin
