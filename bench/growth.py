"""What a renewal costs beside ever more contracts: the same, or something reads too much."""

import os
from dataclasses import dataclass

from bench.billing import running_billing
from bench.books import require_balanced
from bench.portfolio import GATEWAY, Month, seed
from bench.run import Figure, Run, Stopwatch
from bench.server import bare_connection, database_of
from bench.spent import Cores, Meter
from bench.till import Till

MOST_GROWTH = 1.2


@dataclass(frozen=True)
class Step:
    """`cost`: processor milliseconds a renewal, of billing and the database together."""

    contracts: int
    per_second: float
    cores: Cores
    due: int

    @property
    def cost(self) -> float:
        spent = self.cores.milliseconds(self.due)
        return spent["billing"] + spent["PostgreSQL"]


async def measure(run: Run) -> list[Figure]:
    """A database for each size; as many contracts fall due in each, first to warm up, then twice."""
    steps = [await _step(run, contracts) for contracts in run.sizes.steps]
    first = steps[0]
    return [_figure(first, each) for each in steps]


async def _step(run: Run, contracts: int) -> Step:
    due = min(run.sizes.due, contracts)
    async with (
        database_of("billing", run.admin_url, f"bench_growth_{contracts}") as url,
        bare_connection(url) as connection,
        running_billing(url, {GATEWAY: Till()}) as billing,
    ):
        watch = Stopwatch()
        await seed([connection], contracts, due)
        run.tell(f"{contracts:,} contracts are there after {watch.seconds:.0f} s")
        measured = []
        for no in (1, 2, 3):
            await billing.remind(Month(no))
            meter = Meter({"billing": os.getpid(), "PostgreSQL": run.server_pid})
            seconds = await billing.renew(Month(no))
            measured.append(Step(contracts, due / seconds, meter.read(), due))
            await require_balanced(connection, Month(no), due)
        step = min(measured[1:], key=lambda each: each.cost)
        run.tell(f"beside {contracts:,}: {step.cost:.3f} ms of processor a renewal")
        return step


def _figure(first: Step, each: Step) -> Figure:
    return Figure(
        name=f"a renewal beside {each.contracts:,} contracts, processor",
        value=each.cost,
        unit="ms",
        target="" if each is first else f"≤ {MOST_GROWTH:.1f} times {first.cost:.2f} ms",
        met=None if each is first else each.cost <= MOST_GROWTH * first.cost,
        details={
            "renewals/s": round(each.per_second),
            "processor ms": each.cores.milliseconds(each.due),
        },
    )
