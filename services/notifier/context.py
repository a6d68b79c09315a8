"""What every edge of this service is handed: transactions, the post, the templates."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from services.notifier.use_cases.ports import GeneratesKeys, Post, Renders, Transaction
from shared.clock import SqlClocks
from shared.inbox import Inbox
from shared.parking import Parking
from shared.sql import Sql
from shared.timer import Timers


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


@dataclass(frozen=True, slots=True)
class Context:
    begin: Callable[[], AbstractAsyncContextManager[EdgeTransaction]]
    post: Post
    render: Renders
    generate_key: GeneratesKeys
