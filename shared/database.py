"""One database of one service: a pool, transactions, and which failures pass by themselves."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar

import asyncpg
import orjson

from shared.errors import Stale
from shared.sql import Sql

T = TypeVar("T")
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
CONNECT_SECONDS = 5
CLOSE_SECONDS = 5
SERVER_SETTINGS = {
    "jit": "off",
    "statement_timeout": "20000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "30",
    "timezone": "UTC",
}
BEGIN = "begin"
# A plan that is made while a table is empty must not read all of it later on.
BEGIN_IN_SETS = """
    begin; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off"""
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
    """Transactions on one database. Connections are opened when they are needed first."""

    def __init__(self, url: str, *, name: str, pool_size: int = 10) -> None:
        """`url` is `postgresql://…`, or `postgresql+asyncpg://…`, which is taken to mean the same;
        `name` is what the server shows of its sessions, of which there are `pool_size` at most.
        """
        self.url = url
        self._settings: dict[str, Any] = {
            "dsn": plain_url(url),
            "min_size": 0,
            "max_size": pool_size,
            "max_queries": 1_000_000,
            "statement_cache_size": 256,
            "init": _read_jsonb,
            "reset": _leave_as_it_is,
            "timeout": CONNECT_SECONDS,
            "command_timeout": 45,
            "server_settings": SERVER_SETTINGS | {"application_name": name},
        }
        self._opening = asyncio.Lock()
        self._pool: Pool | None = None

    @asynccontextmanager
    async def begin(self, *, in_sets: bool = False) -> AsyncIterator[Sql]:
        """One transaction; it commits when the block ends and leaves no trace when it raises.

        `in_sets`: its statements look for given keys, however many, and are planned once. The
        server would plan them anew each time, since it takes a set of unknown size for ten rows and
        so finds each plan for one key cheaper; planning was 40 % of its time.
        """
        pool = self._pool or await self._open()
        connection = await pool.acquire(timeout=CONNECT_SECONDS)
        try:
            await connection.execute(BEGIN_IN_SETS if in_sets else BEGIN)
            try:
                yield connection
            except Exception as error:
                if not isinstance(error, GONE):
                    await connection.execute("rollback")
                raise
            await connection.execute("commit")
        except BaseException as error:
            if isinstance(error, GONE) or not isinstance(error, Exception):
                # Nothing is awaited for a connection whose state nobody knows: a second
                # cancellation could let it slip back into the pool.
                connection.terminate()
            raise
        finally:
            await pool.release(connection)

    async def _open(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(**self._settings)
        return self._pool

    @property
    def lent(self) -> int:
        """How many connections are in use."""
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0

    async def close(self) -> None:
        """Whoever still works here is cut off after a moment."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()


async def _read_jsonb(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A value goes in as text and comes back as what it says. In binary form, since COPY knows no
    other: a byte with the form's version goes before the text.
    """
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda text: b"\x01" + text.encode(),
        decoder=lambda body: orjson.loads(body[1:]),
    )


async def _leave_as_it_is(_: Any) -> None:
    """Transactions leave nothing behind in a session, so there is no round trip to clean it."""


def plain_url(url: str) -> str:
    """Without the name of a driver."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def is_transient(error: BaseException) -> bool:
    """True when the same transaction may succeed if it is simply run again."""
    return isinstance(error, (*PASSING, TimeoutError))


def passes_without_us(error: BaseException) -> bool:
    """True when work that has failed with this, again and again, is not to blame: the database is
    away or others are in the way. A statement that ran out of time each time is to blame itself.
    """
    return is_transient(error) and not isinstance(error, STUCK)


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
            overruns += isinstance(error, asyncpg.QueryCanceledError)
            if not is_transient(error) or overruns == OVERRUNS:
                raise
        await asyncio.sleep(min(0.05 * 2**attempt, 5) * (0.5 + random.random()))  # noqa: S311  jitter
    return await work()
