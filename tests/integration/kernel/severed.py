"""A way to the database that breaks at the worst instant: while a commit is on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import make_url

Cut = Literal["before the server hears it", "before its answer comes back"]


@dataclass
class Way:
    """Each element of `cuts` severs one commit; then all goes through."""

    url: str
    cuts: list[Cut] = field(default_factory=list)
    severed: int = 0

    async def carry(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        """From the client to the server, until a commit is to be severed."""
        while chunk := await client.read(65536):
            if b"commit\x00" not in chunk or not self.cuts:
                server.write(chunk)
                await server.drain()
                continue
            self.severed += 1
            if self.cuts.pop(0) == "before its answer comes back":
                server.write(chunk)
                await server.drain()
                # The server reads what it has been sent before it sees that nobody listens.
            return


@asynccontextmanager
async def a_way_to(url: str) -> AsyncIterator[Way]:
    """`url` names a server on a Unix socket; the way's own URL is TCP on this machine."""
    there = make_url(url)
    socket = f"{there.query['host']}/.s.PGSQL.{there.port or there.query.get('port', 5432)}"
    open_tasks: set[asyncio.Task[None]] = set()

    async def connected(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(socket)
        answering = asyncio.create_task(_pump(answers, back))
        open_tasks.add(answering)
        with suppress(ConnectionError):
            await way.carry(client, server)
        answering.cancel()
        for writer in (back, server):
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    here = there.set(host="127.0.0.1", port=port, query={})
    way = Way(here.render_as_string(hide_password=False))
    yield way
    listening.close()
    for task in open_tasks:
        task.cancel()
    await asyncio.gather(*open_tasks, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
        target.close()
