"""One transaction on the customers database, with everything that the edges and use cases need."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.customers.adapters.checkout_repository import CheckoutRepository
from services.customers.adapters.credential_repository import (
    ApiKeyRepository,
    OperatorRepository,
    SigningKeyRepository,
    SignInRepository,
)
from services.customers.adapters.customer_repository import CustomerRepository
from services.customers.adapters.partner_repository import (
    PartnerRepository,
    SourceRepository,
)
from services.customers.adapters.sandbox_clock_repository import SandboxClockRepository
from shared.closed_secrets import Lock
from shared.transaction import Transaction, Transactions


class SqlTransaction:
    def __init__(self, kernel: Transaction, lock: Lock) -> None:
        self.sql = kernel.sql
        self.clocks = kernel.clocks
        self.inbox = kernel.inbox
        self.parking = kernel.parking
        self.timers = kernel.timers
        self.held = kernel.held
        self.partners = PartnerRepository(kernel.sql, kernel.outbox)
        self.test_clocks = SandboxClockRepository(kernel.sql, kernel.outbox, kernel.clocks)
        self.sources = SourceRepository(kernel.sql, lock)
        self.api_keys = ApiKeyRepository(kernel.sql, kernel.outbox)
        self.operators = OperatorRepository(kernel.sql)
        self.sign_ins = SignInRepository(kernel.sql)
        self.signing_keys = SigningKeyRepository(kernel.sql, kernel.outbox, lock)
        self.customers = CustomerRepository(kernel.sql, kernel.outbox)
        self.checkouts = CheckoutRepository(kernel.sql, kernel.outbox)


def begins(
    transactions: Transactions, lock: Lock, *, in_sets: bool = False
) -> Callable[[], AbstractAsyncContextManager[SqlTransaction]]:
    @asynccontextmanager
    async def begin() -> AsyncIterator[SqlTransaction]:
        async with transactions.begin(in_sets=in_sets) as kernel:
            yield SqlTransaction(kernel, lock)

    return begin
