"""Brings a service's database to the newest schema; several replicas may try at once."""

import asyncio
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).parents[1]
LOCK = 7_002


async def upgrade(database_url: str, service: str) -> None:
    """To head, under an advisory lock that ends with the transaction."""
    url = database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(lambda each: _upgrade(each, service))
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, service: str) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    command.upgrade(_config(connection, service), "head")


def _config(connection: Connection, service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services" / service / "migrations"))
    config.attributes["connection"] = connection
    return config


def run_here() -> None:
    """What a service's `env.py` calls: run within the transaction that holds the lock."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise SystemExit("run migrations through `perennial migrate`")
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


def upgrade_now(database_url: str, service: str) -> None:
    asyncio.run(upgrade(database_url, service))
