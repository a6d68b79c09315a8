"""PostgreSQL for tests: one server for a run, an empty database for whoever asks.

The server is the one that PERENNIAL_TEST_POSTGRES names (the URL of a role that may create
databases), else the embedded one in a directory of this run.
"""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol

import pytest

from deploy.postgres import EmbeddedPostgres, drop_database, make_database

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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The server of this run. All tests share it, so none may stop it."""
    if given := os.environ.get("PERENNIAL_TEST_POSTGRES"):
        yield GivenPostgres(given)
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def breakable_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of this one test, which may stop, kill and start it."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data")
    server.start()
    yield server
    server.stop()


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
