"""Renewals a second in billing, beside the bare copying of the rows that they leave."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

import httpx2

from bench import baseline
from bench.billing import Billing, running_billing
from bench.books import require_balanced
from bench.portfolio import GATEWAY, Month, seed
from bench.run import Figure, Run
from bench.server import Connection, bare_connection, database_of
from bench.spent import Cores, Meter
from bench.till import Till
from deploy.kafka.broker import free_port
from deploy.processes import Processes, Program
from services.billing.adapters.gateway_http import HttpGateway
from services.billing.use_cases.ports import PaymentGateway

LEAST_SHARE = 1 / 3
HANDBOOK_RAW = 15_800


@dataclass(frozen=True)
class Round:
    """One month: how long billing took, how long its rows took to be copied, who was busy."""

    renewals: int
    ours: float
    raw: float
    cores: Cores
    raw_cores: Cores

    @property
    def share(self) -> float:
        return self.raw / self.ours


async def measure(run: Run) -> list[Figure]:
    """In the process with a gateway that answers sets, and over HTTP to the gateway's stand-in."""
    near = await in_process(run)
    found = [_figure("renewals", near, f"≥ {LEAST_SHARE:.0%} of raw", LEAST_SHARE)]
    async with _gateway_process(run) as gateway:
        far = await _rounds(run, {GATEWAY: gateway}, run.sizes.renewals_over_http, 1)
    return [*found, _figure("renewals, gateway over HTTP", far, "", None)]


async def in_process(run: Run) -> list[Round]:
    return await _rounds(run, {GATEWAY: Till()}, run.sizes.renewals, run.sizes.months)


async def _rounds(
    run: Run, gateways: dict[str, PaymentGateway], contracts: int, months: int
) -> list[Round]:
    """A month to warm up; then, month by month, billing and the copy of its rows in turn."""
    async with (
        database_of("billing", run.admin_url, "bench_renewals") as ours,
        database_of("billing", run.admin_url, "bench_raw") as raw,
        bare_connection(ours) as reading,
        bare_connection(raw) as copying,
        running_billing(ours, gateways) as billing,
    ):
        await seed([reading, copying], contracts)
        found = []
        for no in range(1, months + 2):
            found.append(await _round(run, billing, reading, copying, Month(no)))
            await require_balanced(reading, Month(no), contracts)
            run.tell(_line(found[-1], "warm-up" if no == 1 else f"month {no - 1}"))
        return found[1:]


async def _round(
    run: Run, billing: Billing, reading: Connection, copying: Connection, month: Month
) -> Round:
    await billing.remind(month)
    last = await reading.fetchval("select coalesce(max(seq), 0) from outbox")
    meter = Meter({"billing": os.getpid(), "PostgreSQL": run.server_pid})
    seconds = await billing.renew(month)
    cores = meter.read()
    left = await baseline.left_by(reading, month, last)
    meter = Meter({"copying": os.getpid(), "PostgreSQL": run.server_pid})
    raw = await baseline.copy(copying, left)
    return Round(len(left.contracts), seconds, raw, cores, meter.read())


def _line(each: Round, name: str) -> str:
    return (
        f"{name}: {each.renewals / each.ours:,.0f} renewals/s, raw {each.renewals / each.raw:,.0f}/s,"
        f" share {each.share:.2f}; cores: {each.cores.told}"
    )


def _figure(name: str, rounds: list[Round], target: str, least: float | None) -> Figure:
    share = median(each.share for each in rounds)
    one = sorted(rounds, key=lambda each: each.share)[len(rounds) // 2]
    return Figure(
        name=name,
        value=one.renewals / one.ours,
        unit="/s",
        target=target,
        met=None if least is None else share >= least,
        raw=one.renewals / one.raw,
        spent=(
            f"{one.cores.spent}. Raw: {one.renewals / one.raw:,.0f}/s here;"
            f" {HANDBOOK_RAW:,}/s where fewer rows went into tables with fewer indexes"
        ),
        details={
            "each round": [_line(each, str(n)) for n, each in enumerate(rounds, 1)],
            "processor ms a renewal": one.cores.milliseconds(one.renewals),
            "processor ms a renewal, raw": one.raw_cores.milliseconds(one.renewals),
            "raw with fewer rows on an idle machine of this kind, /s": HANDBOOK_RAW,
        },
    )


@asynccontextmanager
async def _gateway_process(run: Run) -> AsyncIterator[HttpGateway]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ledger = run.directory / "gateway.jsonl"
    processes = Processes(run.directory / "logs", supervised=False)
    told = ("--port", str(port), "--ledger", str(ledger))
    gateway = Program("gateway", "deploy.standins.gateway", told, ready_url=f"{url}/healthz")
    processes.start([gateway])
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=8) as client:
            yield HttpGateway(client)
    finally:
        processes.stop_all()
        ledger.unlink(missing_ok=True)
