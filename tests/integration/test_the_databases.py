"""What the tests, and the platform, may expect of the database server."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from deploy.postgres import EmbeddedPostgres, make_service_databases
from shared.database import plain_url
from shared.testing.postgres import FreshDatabase
from shared.testing.server_directory import server_directory


async def connected(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(plain_url(url))


async def test_each_fresh_database_is_empty(fresh_database: FreshDatabase) -> None:
    first = await connected(await fresh_database())
    await first.execute("create table notes (note text)")

    second = await connected(await fresh_database())

    assert await second.fetchval("select to_regclass('public.notes')") is None
    await first.close()
    await second.close()


async def test_another_test_run_cannot_lock_a_server_out_of_its_data(
    breakable_postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As root pytest sets the mode of its directory anew, and the server has another user."""
    shared_by_all_runs = tmp_path_factory.getbasetemp().parent

    server = await connected(breakable_postgres.url)
    data = Path(await server.fetchval("show data_directory"))
    await server.close()

    assert shared_by_all_runs not in data.parents


def test_a_server_leaves_nothing_behind() -> None:
    with server_directory() as directory:
        (directory / "data").mkdir()

    assert not directory.exists()


async def test_a_service_cannot_enter_the_database_of_another(
    breakable_postgres: EmbeddedPostgres,
) -> None:
    urls = await make_service_databases(breakable_postgres.url, ["billing", "notifier"])
    of_another = urls["billing"].replace("/billing?", "/notifier?")

    own = await connected(urls["billing"])
    await own.execute("create table invoices (id text)")
    await own.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connected(of_another)


async def test_making_the_databases_again_keeps_what_is_in_them(
    breakable_postgres: EmbeddedPostgres,
) -> None:
    urls = await make_service_databases(breakable_postgres.url, ["billing"])
    before = await connected(urls["billing"])
    await before.execute("create table invoices (id text)")
    await before.close()

    again = await make_service_databases(breakable_postgres.url, ["billing"])

    after = await connected(again["billing"])
    assert await after.fetchval("select count(*) from invoices") == 0
    await after.close()


async def test_what_was_committed_survives_a_kill_of_the_server(
    breakable_postgres: EmbeddedPostgres,
) -> None:
    before = await connected(breakable_postgres.url)
    await before.execute("create table invoices as select 'in_1' as id")

    await asyncio.to_thread(breakable_postgres.kill)
    await asyncio.to_thread(breakable_postgres.start)

    after = await connected(breakable_postgres.url)
    assert await after.fetchval("select id from invoices") == "in_1"
    await after.close()
