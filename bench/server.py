"""The database server of a run: in a directory of its own, with nothing left of it afterwards."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg

from deploy.postgres import EmbeddedPostgres, drop_database, make_database
from shared.database import SERVER_SETTINGS, plain_url
from shared.migrations import upgrade

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@contextmanager
def running_server(directory: Path) -> Iterator[tuple[str, int]]:
    """The administrator's URL of a durable server, and its process id."""
    data = directory / "postgres" / "data"
    server = EmbeddedPostgres(data)
    server.start()
    try:
        yield server.url, int((data / "postmaster.pid").read_text().split()[0])
    finally:
        server.stop()
        shutil.rmtree(directory / "postgres", ignore_errors=True)


@asynccontextmanager
async def empty_database(admin_url: str, name: str) -> AsyncIterator[str]:
    url = await make_database(admin_url, name)
    try:
        yield url
    finally:
        await drop_database(admin_url, name)


@asynccontextmanager
async def database_of(service: str, admin_url: str, name: str) -> AsyncIterator[str]:
    """A database with the service's newest schema, dropped afterwards."""
    async with empty_database(admin_url, name) as url:
        await upgrade(url, service)
        yield url


@asynccontextmanager
async def bare_connection(url: str) -> AsyncIterator[Connection]:
    """The driver alone, with the settings that the services use; long statements are let run."""
    connection = await asyncpg.connect(
        plain_url(url),
        timeout=10,
        server_settings=SERVER_SETTINGS | {"statement_timeout": "0"},
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=10)
