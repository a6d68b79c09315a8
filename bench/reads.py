"""One subscription and a page of the list over HTTP, in a small table and in a large one."""

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
    per_second: float
    p50: float
    p99: float


async def measure(run: Run) -> list[Figure]:
    few, many = run.sizes.few_rows, run.sizes.many_rows
    async with (
        database_of("subscriptions", run.admin_url, "bench_reads") as url,
        bare_connection(url) as connection,
        _serving(run, url) as client,
    ):
        await let_in(connection)
        found: dict[str, list[Speed]] = {}
        for rows, before in ((few, 0), (many, few)):
            watch = Stopwatch()
            await fill(connection, before, rows - before)
            run.tell(f"{rows:,} rows are there after {watch.seconds:.0f} s")
            for name, call in (await _calls(run, connection, client)).items():
                speed = await _speed(call, run.sizes.reads)
                found.setdefault(name, []).append(speed)
                run.tell(f"{name} of {rows:,}: p50 {speed.p50:.1f} ms, p99 {speed.p99:.1f} ms")
        return [_figure(name, few, many, *speeds) for name, speeds in found.items()]


async def _calls(run: Run, connection: Connection, client: httpx2.AsyncClient) -> dict[str, Call]:
    """Rows are picked from all over the table, by a seed."""
    rows = await connection.fetch("select id from subscriptions order by created_at")
    random = Random(run.seed)
    ids = [random.choice(rows)["id"] for _ in range(run.sizes.reads)]
    deep = rows[len(rows) // 2]["id"]

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


async def _speed(call: Call, reads: int) -> Speed:
    for n in range(reads // 5):
        await call(n)
    waited: list[float] = []
    numbers = iter(range(reads))

    async def worker() -> None:
        for n in numbers:
            begun = time.perf_counter()
            answer = await call(n)
            waited.append((time.perf_counter() - begun) * 1000)
            require(answer.is_success, f"a read was answered with {answer.status_code}")

    watch = Stopwatch()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    p99 = quantiles(waited, n=100, method="inclusive")[98]
    return Speed(reads / watch.seconds, median(waited), p99)


@asynccontextmanager
async def _serving(run: Run, url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The API alone, as operators scale it: it needs no broker."""
    port, ops = free_port(), free_port()
    processes = Processes(run.directory / "logs", supervised=False)
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
    return f"{one.per_second:,.0f}/s, p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms"
