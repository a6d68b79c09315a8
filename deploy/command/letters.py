"""`perennial dlq`: dead letters and parked records on a terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import typer

from shared.clock import system_now
from shared.database import Database
from shared.dead_letters import DeadLetters


@asynccontextmanager
async def _letters(url: str) -> AsyncIterator[DeadLetters]:
    database = Database(url, name="perennial-dlq", pool_size=1)
    try:
        async with database.begin() as sql:
            yield DeadLetters(sql)
    finally:
        await database.close()


async def list_letters(url: str, *, everything: bool, limit: int) -> None:
    states = ("parked", "dead", "handled", "discarded") if everything else ("parked", "dead")
    async with _letters(url) as letters:
        found = await letters.list(states, limit)
    for each in found:
        place = f"{each.record.topic}/{each.record.partition}@{each.record.offset}"
        typer.echo(f"{each.n:>6}  {each.state:<9}  {place:<40}  {each.reason}: {each.detail[:100]}")
    typer.echo(f"{len(found)} letters")


async def show(url: str, n: int) -> None:
    async with _letters(url) as letters:
        each = await letters.show(n)
    typer.echo(
        f"letter     {each.n}, {each.state}, {each.attempts} attempts since {each.parked_at}"
    )
    typer.echo(f"record     {each.record.topic}/{each.record.partition}@{each.record.offset}")
    typer.echo(f"reason     {each.reason}: {each.detail}")
    if each.note:
        typer.echo(f"note       {each.note}")
    typer.echo(f"key        {each.record.key!r}")
    for name, value in each.record.headers:
        typer.echo(f"header     {name}: {value!r}")
    typer.echo(f"value      {_readable(each.record.value)}")


async def replay(url: str, n: int, by: str, body: bytes | None) -> None:
    async with _letters(url) as letters:
        tried = await letters.replay(n, by, system_now(), body)
    typer.echo(f"letter {tried} is tried now; see `perennial dlq show {tried}`")


async def discard(url: str, n: int, by: str, reason: str) -> None:
    async with _letters(url) as letters:
        await letters.discard(n, by, reason, system_now())
    typer.echo(f"letter {n} is discarded")


def _readable(value: bytes | None) -> str:
    if value is None:
        return "(none: a tombstone)"
    try:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except ValueError:
        return repr(value)
