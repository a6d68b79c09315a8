"""What every edge of this service is handed: how to begin a transaction, and what it may ask."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.subscriptions.domain.placement import FindMisfit, Misfit
from services.subscriptions.use_cases.ports import Panel, Transaction
from shared.clock import SqlClocks
from shared.database import persistently
from shared.held import Held
from shared.ids import PartnerId
from shared.inbox import Inbox
from shared.parking import Parking
from shared.sealing import SealingKeys
from shared.sql import Sql
from shared.timer import Timers

T = TypeVar("T")
Command = TypeVar("Command")


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
    def sealing_keys(self) -> SealingKeys: ...


@dataclass(frozen=True, slots=True)
class Context:
    """`live_now` is the system's clock: leases, and keys that live in real time.

    `find_misfit` holds a configuration against its schema, `find_fault` the schema against the
    rules of schemas.
    """

    begin: Callable[[], AbstractAsyncContextManager[EdgeTransaction]]
    panel: Panel
    live_now: Callable[[], datetime]
    find_misfit: FindMisfit
    find_fault: Callable[[Mapping[str, Any]], Misfit | None]

    async def carry_out(self, work: Callable[[EdgeTransaction], Awaitable[T]]) -> T:
        """In one transaction, again from the start while another one stands in its way."""

        async def once() -> T:
            async with self.begin() as tx:
                return await work(tx)

        return await persistently(once)

    async def perform(
        self,
        use_case: Callable[[Command, EdgeTransaction, datetime], Awaitable[T]],
        command: Command,
        partner_id: PartnerId,
    ) -> T:
        """One command of one partner, at that partner's time."""

        async def work(tx: EdgeTransaction) -> T:
            return await use_case(command, tx, await tx.clocks.now(partner_id))

        return await self.carry_out(work)
