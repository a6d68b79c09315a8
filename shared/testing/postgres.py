"""PostgreSQL for tests: one server for a run, an empty database for whoever asks.

The server is the one that PERENNIAL_TEST_POSTGRES names (the URL of a role that may create
databases), else the embedded one in a directory of its own.
"""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest

from deploy.postgres import EmbeddedPostgres, drop_database, make_database
from shared.testing.server_directory import server_directory

FreshDatabase = Callable[[], Awaitable[str]]


class Postgres(Protocol):
    """A server; `url` is its administrator's, as SQLAlchemy takes it."""

    @property
    def url(self) -> str: ...


class GivenPostgres:
    """A server that runs already and is not ours to end."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+asyncpg://", 1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this run. All tests share it, so none may stop it."""
    if given := os.environ.get("PERENNIAL_TEST_POSTGRES"):
        yield GivenPostgres(given)
        return
    with _running() as server:
        yield server


@pytest.fixture
def breakable_postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this one test, which may stop, kill and start it."""
    with _running() as server:
        yield server


@pytest.fixture
async def fresh_database(postgres: Postgres) -> AsyncIterator[FreshDatabase]:
    """Makes empty databases: each call gives the URL of a new one, dropped after the test."""
    names: list[str] = []

    async def make() -> str:
        names.append(f"test_{secrets.token_hex(6)}")
        return await make_database(postgres.url, names[-1])

    yield make
    for name in names:
        await drop_database(postgres.url, name)


@pytest.fixture
async def database_url(fresh_database: FreshDatabase) -> str:
    """One empty database, for the many tests that need just one."""
    return await fresh_database()


@contextmanager
def _running() -> Iterator[EmbeddedPostgres]:
    with server_directory() as directory:
        server = EmbeddedPostgres(directory / "data")
        server.start()
        yield server
        server.stop()
