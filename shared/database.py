"""One database of one service: a pool, transactions, and which failures pass by themselves.

SQLAlchemy owns pool and transaction; statements on sets go to its driver inside that transaction
(docs/adr, SQL in sets).
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from shared.errors import Stale
from shared.sql import Sql

T = TypeVar("T")
SERVER_SETTINGS = {
    "jit": "off",
    "statement_timeout": "20000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "30",
    "timezone": "UTC",
}
PASSING = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,
    Stale,
)
# The server answers, and it is this work that does not get through.
STUCK = (asyncpg.QueryCanceledError, Stale)
OVERRUNS = 2
GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InternalClientError)


class Database:
    """Transactions on one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Sql]:
        """One transaction; it commits when the block ends and leaves no trace when it raises."""
        async with self.engine.connect() as connection:
            try:
                async with connection.begin():
                    yield await _driver(connection)
            except BaseException as error:
                if isinstance(error, GONE) or not isinstance(error, Exception):
                    _throw_away(connection)
                raise

    async def close(self) -> None:
        await self.engine.dispose()


def _throw_away(connection: AsyncConnection) -> None:
    """SQLAlchemy did not see this failure, or the task was cancelled in the middle of a statement:
    the connection must not go back to the pool. Nothing is awaited for it, since a second
    cancellation could then let it slip back.
    """
    if connection.sync_connection is not None:
        connection.sync_connection.invalidate()


async def _driver(connection: AsyncConnection) -> Sql:
    # The dialect opens its transaction with the first statement that it sees itself; without one,
    # everything sent through the driver would commit on its own.
    await connection.exec_driver_sql("select 1")
    driver: Sql = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
    return driver


def open_database(url: str, *, name: str, pool_size: int = 8, pooled: bool = True) -> Database:
    """`url` is `postgresql+asyncpg://…` (plain `postgresql://` is taken to mean the same)."""
    pool: dict[str, Any] = (
        {"pool_size": pool_size, "max_overflow": 2, "pool_timeout": 5, "pool_recycle": 900}
        if pooled
        else {"poolclass": NullPool}
    )
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_pre_ping=pooled,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 5,
            "command_timeout": 45,
            "server_settings": SERVER_SETTINGS | {"application_name": name},
        },
        **pool,
    )
    event.listen(engine.sync_engine, "handle_error", _mark_broken)
    return Database(engine)


def _mark_broken(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, asyncpg.InternalClientError):
        context.is_disconnect = True


def is_transient(error: BaseException) -> bool:
    """True when the same transaction may succeed if it is simply run again."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(_cause(error), (*PASSING, TimeoutError))


def passes_without_us(error: BaseException) -> bool:
    """True when work that has failed with this, again and again, is not to blame: the database is
    away or others are in the way. A statement that ran out of time each time is to blame itself.
    """
    return is_transient(error) and not isinstance(_cause(error), STUCK)


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "__cause__", None) or error.orig or error
    return error


async def persistently(work: Callable[[], Awaitable[T]], *, attempts: int = 6) -> T:
    """Run a transaction again while its failure is one that passes; the last failure is raised.

    One that runs out of time is tried twice only, since each try lasts as long as it may.
    `work` must be free of effects outside the database. After a commit of unknown outcome it is
    run again too, so it must recognise its own work (inbox, idempotency key, unique identity).
    """
    overruns = 0
    for attempt in range(attempts - 1):
        try:
            return await work()
        except Exception as error:
            overruns += isinstance(_cause(error), asyncpg.QueryCanceledError)
            if not is_transient(error) or overruns == OVERRUNS:
                raise
        await asyncio.sleep(min(0.05 * 2**attempt, 5) * (0.5 + random.random()))  # noqa: S311  jitter
    return await work()
