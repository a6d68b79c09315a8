"""From a checkout to an activated subscription through four services: how many, and how soon.

The same street of services tells how long they took to start and what memory they hold after it.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from random import Random
from statistics import quantiles

import psutil

from bench.run import Figure, Run, Stopwatch, require
from bench.server import bare_connection
from bench.spent import Meter
from bench.street import Street, opened_street
from deploy.platform import SERVICES

LEAST_A_SECOND = 500
CALM_A_SECOND = 20
MOST_P99_MS = 400
MOST_START_SECONDS = 10
PATIENCE_SECONDS = 240
ENOUGH_EVENTS = 10_000
MOST_GROWTH = 1.5


async def measure(run: Run) -> list[Figure]:
    async with opened_street(run) as street:
        found = [_start(street)]
        run.tell(f"all ready after {street.started_in:.1f} s")
        await _sell(street, "warm", max(run.sizes.checkouts // 20, 2))
        await _analyzed(street)
        before = _memory(street)
        found += await _calm(run, street)
        found.append(await _flood(run, street))
        found.append(await _grown(run, street, before))
        return found


async def _analyzed(street: Street) -> None:
    """As the server does by itself within a minute: plans made for empty tables say nothing."""
    for url in street.platform.databases.values():
        async with bare_connection(url) as connection:
            await connection.execute("analyze")


def _start(street: Street) -> Figure:
    return Figure(
        name="four services and three stand-ins, from start to ready",
        value=street.started_in,
        unit="s",
        target=f"≤ {MOST_START_SECONDS} s",
        met=street.started_in <= MOST_START_SECONDS,
    )


async def _sell(street: Street, prefix: str, count: int) -> float:
    """All at once; the seconds from the first record to the last activation."""
    names = [f"{prefix}-{n}" for n in range(count)]
    watch = Stopwatch()
    await street.flood(names)
    done = await street.all_activated(names, PATIENCE_SECONDS)
    require(done, f"not all of {count} checkouts were activated in {PATIENCE_SECONDS} s")
    return watch.seconds


async def _flood(run: Run, street: Street) -> Figure:
    count = run.sizes.checkouts
    meter = Meter(street.pids() | {"PostgreSQL": run.server_pid})
    seconds = await _sell(street, "flood", count)
    cores = meter.read()
    run.tell(f"{count / seconds:,.0f} checkouts/s to activated; cores: {cores.told}")
    return Figure(
        name="checkouts to activated",
        value=count / seconds,
        unit="/s",
        target=f"≥ {LEAST_A_SECOND} /s",
        met=count / seconds >= LEAST_A_SECOND,
        spent=cores.spent,
        details={"processor ms a checkout": cores.milliseconds(count)},
    )


async def _calm(run: Run, street: Street) -> list[Figure]:
    """Checkouts arrive as people do: at random, so many a second on average."""
    random = Random(run.seed)
    sent: dict[str, float] = {}
    watch = Stopwatch()
    due, sending = 0.0, set[asyncio.Task[None]]()
    while (due := due + random.expovariate(CALM_A_SECOND)) < run.sizes.calm_seconds:
        await asyncio.sleep(max(due - watch.seconds, 0))
        name = f"calm-{len(sent)}"
        sent[name] = time.perf_counter()
        task = asyncio.create_task(street.publish(name))
        sending.add(task)
        task.add_done_callback(sending.discard)
    require(await street.all_activated(list(sent), 60), "a checkout was not activated in 60 s")
    waited = sorted((street.activated[name] - at) * 1000 for name, at in sent.items())
    p50, p99 = _percentile(waited, 50), _percentile(waited, 99)
    run.tell(f"at {CALM_A_SECOND}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(waited)}")
    details = {"samples": len(waited), "longest": round(waited[-1])}
    name = f"checkout to activated at {CALM_A_SECOND}/s"
    return [
        Figure(f"{name}, p50", p50, "ms"),
        Figure(
            f"{name}, p99",
            p99,
            "ms",
            f"< {MOST_P99_MS} ms",
            p99 < MOST_P99_MS,
            details=details,
        ),
    ]


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _memory(street: Street) -> dict[str, float]:
    """Resident, in MiB."""
    return {
        name: psutil.Process(street.platform.processes.pid(name)).memory_info().rss / 2**20
        for name in SERVICES
    }


async def _grown(run: Run, street: Street, before: Mapping[str, float]) -> Figure:
    after, events = _memory(street), await _events(street)
    if events < ENOUGH_EVENTS:
        run.tell(f"only {events} events: what memory they left says little")
    growth = max(after[name] / before[name] for name in SERVICES)
    each = {name: f"{before[name]:.0f} → {after[name]:.0f} MiB" for name in SERVICES}
    run.tell(f"memory after {events} events: {each}")
    return Figure(
        name=f"memory of the largest service after {events:,} events",
        value=max(after.values()),
        unit="MiB",
        target=f"≤ {MOST_GROWTH:.1f} times what it was",
        met=growth <= MOST_GROWTH,
        details={"each": each, "events": events},
    )


async def _events(street: Street) -> int:
    total = 0
    for url in street.platform.databases.values():
        async with bare_connection(url) as connection:
            total += await connection.fetchval("select count(*) from outbox")
    return total
