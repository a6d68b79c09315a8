"""What every edge of this service is handed: how to begin a transaction, and what it may ask."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from typing_extensions import override

from services.customers.domain.directory import Directory
from services.customers.domain.operator import Operator
from services.customers.domain.sandbox_clock import FOLLOWERS
from services.customers.domain.signing_key import SigningKey
from services.customers.use_cases.ports import Transaction
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
    @override
    def timers(self) -> Timers: ...

    @property
    def held(self) -> Held: ...


class Passwords(Protocol):
    """Slow on purpose, so never within a transaction."""

    async def hashed(self, password: str) -> str: ...

    async def matches(self, password: str, known_hash: str | None) -> bool:
        """As slow for an account that does not exist."""


class Tokens(Protocol):
    def new_key(self, at: datetime) -> SigningKey: ...

    def actor_token(self, operator: Operator, key: SigningKey, at: datetime) -> str: ...


@dataclass(frozen=True, slots=True)
class Context:
    """`live_now` is the system's clock: credentials live in real time, also in a sandbox.

    `gateway` is the one that is meant where a checkout's payment names none. `followers` are the
    services that a test clock leads.
    """

    begin: Callable[[], AbstractAsyncContextManager[EdgeTransaction]]
    directory: Directory
    passwords: Passwords
    tokens: Tokens
    live_now: Callable[[], datetime]
    gateway: str
    followers: Sequence[str] = FOLLOWERS

    async def carry_out(self, work: Callable[[EdgeTransaction], Awaitable[T]]) -> T:
        """In one transaction, again from the start while another one stands in its way."""

        async def once() -> T:
            async with self.begin() as tx:
                return await work(tx)

        return await persistently(once)
