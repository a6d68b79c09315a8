"""One subscription and a page of the list over HTTP, in a small table and in a large one.

Both are served at once and read in turn, call by call: whatever else the machine does, it does to
both.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles

import httpx2

from bench.run import Figure, Run, Stopwatch, require
from bench.server import Connection, bare_connection, database_of
from bench.shelf import KEY, fill, let_in
from deploy.kafka.broker import free_port
from deploy.processes import Processes, Program

AT_ONCE = 4
MOST_GROWTH = 1.2
PAGE = 20
Call = Callable[[int], Awaitable[httpx2.Response]]


@dataclass(frozen=True)
class Speed:
    """Of one call, in milliseconds, while others are under way."""

    p50: float
    p99: float


async def measure(run: Run) -> list[Figure]:
    few, many = run.sizes.few_rows, run.sizes.many_rows
    async with _shelf(run, few) as of_few, _shelf(run, many) as of_many:
        found = []
        for name, call in of_few.items():
            small, large = await _speeds(call, of_many[name], run.sizes.reads)
            run.tell(f"{name}: p50 {small.p50:.1f} ms of {few:,}, {large.p50:.1f} ms of {many:,}")
            found.append(_figure(name, few, many, small, large))
        return found


@asynccontextmanager
async def _shelf(run: Run, rows: int) -> AsyncIterator[dict[str, Call]]:
    """A service of its own over so many subscriptions, and what is asked of it."""
    name = f"bench_reads_{rows}"
    async with (
        database_of("subscriptions", run.admin_url, name) as url,
        bare_connection(url) as connection,
        _serving(run, name, url) as client,
    ):
        await let_in(connection)
        watch = Stopwatch()
        await fill(connection, 0, rows)
        run.tell(f"{rows:,} rows are there after {watch.seconds:.0f} s")
        yield await _calls(run, rows, connection, client)


async def _calls(
    run: Run, rows: int, connection: Connection, client: httpx2.AsyncClient
) -> dict[str, Call]:
    """Rows are picked from all over the table, by a seed."""
    random = Random(run.seed)
    picked = sorted(random.sample(range(rows), min(run.sizes.reads, rows)))
    # The server counts: a million of them here would be the interpreter's load while it measures.
    numbered = "select id, row_number() over (order by created_at) - 1 as n from subscriptions"
    found = await connection.fetch(
        f"select id, n from ({numbered}) as t where n = any($1::bigint[])",  # noqa: S608  constant
        [*picked, rows // 2],
    )
    by_number = {row["n"]: row["id"] for row in found}
    ids, deep = [by_number[n] for n in picked], by_number[rows // 2]
    random.shuffle(ids)

    async def one(n: int) -> httpx2.Response:
        return await client.get(f"/v1/subscriptions/{ids[n % len(ids)]}")

    async def first_page(n: int) -> httpx2.Response:
        del n
        return await client.get("/v1/subscriptions", params={"limit": PAGE})

    async def middle_page(n: int) -> httpx2.Response:
        del n
        return await client.get("/v1/subscriptions", params={"limit": PAGE, "starting_after": deep})

    return {
        "one subscription": one,
        f"first page of {PAGE}": first_page,
        f"page of {PAGE} from the middle": middle_page,
    }


async def _speeds(small: Call, large: Call, reads: int) -> tuple[Speed, Speed]:
    for n in range(reads // 5):
        await small(n)
        await large(n)
    waited: dict[Call, list[float]] = {small: [], large: []}
    numbers = iter(range(reads))

    async def worker() -> None:
        for n in numbers:
            for call in (small, large) if n % 2 else (large, small):
                begun = time.perf_counter()
                answer = await call(n)
                waited[call].append((time.perf_counter() - begun) * 1000)
                require(answer.is_success, f"a read was answered with {answer.status_code}")

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return _speed(waited[small]), _speed(waited[large])


def _speed(waited: list[float]) -> Speed:
    return Speed(median(waited), quantiles(waited, n=100, method="inclusive")[98])


@asynccontextmanager
async def _serving(run: Run, name: str, url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The API alone, as operators scale it: it needs no broker."""
    port, ops = free_port(), free_port()
    processes = Processes(run.directory / name, supervised=False)
    told = {
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "PANEL_URL": "http://127.0.0.1:9",
        "PORT": str(port),
        "OPS_PORT": str(ops),
    }
    environment = {f"PERENNIAL_SUBSCRIPTIONS__{name}": value for name, value in told.items()}
    processes.start(
        [
            Program(
                "subscriptions",
                "services.subscriptions",
                ("--roles", "api"),
                environment,
                f"http://127.0.0.1:{ops}/readyz",
            )
        ]
    )
    headers = {"authorization": f"Bearer {KEY}"}
    try:
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30
        ) as client:
            yield client
    finally:
        processes.stop_all()


def _figure(name: str, few: int, many: int, small: Speed, large: Speed) -> Figure:
    growth = large.p50 / small.p50
    return Figure(
        name=f"{name} of {many:,}, p50",
        value=large.p50,
        unit="ms",
        target=f"≤ {MOST_GROWTH:.1f} times {small.p50:.1f} ms of {few:,}",
        met=growth <= MOST_GROWTH,
        details={
            "growth": round(growth, 2),
            f"of {few:,}": _told(small),
            f"of {many:,}": _told(large),
            "at once": AT_ONCE,
        },
    )


def _told(one: Speed) -> str:
    return f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms"
