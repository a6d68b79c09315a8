"""What every edge of billing is handed: how to begin a transaction, and the gateways."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from services.billing.use_cases.ports import PaymentGateway, Transaction
from services.billing.use_cases.queues import (
    Patience,
    PaymentQueue,
    RefundQueue,
    VerificationQueue,
    WebhookQueue,
)
from shared.clock import SqlClocks
from shared.database import persistently
from shared.held import Held
from shared.inbox import Inbox
from shared.parking import Parking
from shared.sql import Sql
from shared.timer import Timers

T = TypeVar("T")


class EdgeTransaction(Transaction, Protocol):
    """An edge asks for the time, once, inside the transaction, and passes it on."""

    @property
    def sql(self) -> Sql: ...

    @property
    def clocks(self) -> SqlClocks: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def parking(self) -> Parking: ...

    @property
    def timers(self) -> Timers: ...

    @property
    def held(self) -> Held: ...

    @property
    def payments(self) -> PaymentQueue: ...

    @property
    def verifying(self) -> VerificationQueue: ...

    @property
    def refunding(self) -> RefundQueue: ...

    @property
    def webhooks(self) -> WebhookQueue: ...


@dataclass(frozen=True, slots=True)
class Context:
    """`technical_now` is the system's clock, for leases and back-offs; business never asks it.

    `default_gateway` is meant where a checkout names none.
    """

    begin: Callable[[], AbstractAsyncContextManager[EdgeTransaction]]
    gateways: Mapping[str, PaymentGateway]
    default_gateway: str
    webhook_secrets: Mapping[str, str]
    patience: Patience
    technical_now: Callable[[], datetime]

    async def carry_out(self, work: Callable[[EdgeTransaction], Awaitable[T]]) -> T:
        """In one transaction, again from the start while another one stands in its way."""

        async def once() -> T:
            async with self.begin() as tx:
                return await work(tx)

        return await persistently(once)
