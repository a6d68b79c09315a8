"""A database put back to where it stood: a few rows go and come faster than a database is made."""

from shared.sql import Sql


async def keep(sql: Sql) -> None:
    """Beside the tables, each row of each as it is now."""
    await sql.execute("drop schema if exists kept cascade; create schema kept")
    for name in await _tables(sql):
        await sql.execute(f"create table kept.{name} as table public.{name}")


async def restore(sql: Sql) -> None:
    """Past triggers that refuse to forget, and past the order of foreign keys."""
    names = await _tables(sql)
    gone = "; ".join(f"delete from public.{name}" for name in names)  # noqa: S608  our own names
    back = "; ".join(
        f"insert into public.{name} overriding system value table kept.{name}" for name in names
    )
    await sql.execute(
        f"set session_replication_role = replica; {gone}; {back};"
        " set session_replication_role = origin"
    )


async def _tables(sql: Sql) -> list[str]:
    rows = await sql.fetch(
        """
        select tablename from pg_tables
        where schemaname = 'public' and tablename <> 'alembic_version' order by tablename"""
    )
    return [row["tablename"] for row in rows]
