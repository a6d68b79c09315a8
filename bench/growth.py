"""What a renewal costs beside ever more contracts: the same, or something reads too much.

All sizes live at once and have their months in turn: whatever else the machine does, it does to all.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from statistics import median

from bench.billing import Billing, running_billing
from bench.books import require_balanced
from bench.portfolio import GATEWAY, Month, seed
from bench.run import Figure, Run, Stopwatch
from bench.server import Connection, bare_connection, database_of
from bench.spent import Meter
from bench.till import Till

MOST_GROWTH = 1.2


@dataclass(frozen=True)
class Turn:
    """A month of one size. `cost`: processor milliseconds a renewal, of billing and the database."""

    per_second: float
    spent: dict[str, float]

    @property
    def cost(self) -> float:
        return round(self.spent["billing"] + self.spent["PostgreSQL"], 3)


@dataclass(frozen=True)
class Size:
    """A billing over so many contracts, of which `due` renew each month; `turns` by month."""

    contracts: int
    due: int
    connection: Connection
    billing: Billing
    turns: list[Turn] = field(default_factory=list)

    @property
    def cost(self) -> float:
        return median(each.cost for each in self.turns)


async def measure(run: Run) -> list[Figure]:
    """A database for each size; as many contracts fall due in each, first to warm up, then measured."""
    async with AsyncExitStack() as stack:
        sizes = [
            await stack.enter_async_context(_size(run, contracts)) for contracts in run.sizes.steps
        ]
        for each in sizes:
            await _turn(run, each, Month(1))
        await _clear_up(sizes)
        for no in range(run.sizes.months_of_growth):
            begins = no % len(sizes)
            for each in sizes[begins:] + sizes[:begins]:
                each.turns.append(await _turn(run, each, Month(no + 2)))
            run.tell(_line(sizes, no))
    first, *larger = sizes
    return [_figure(first), *(_judged(first, each) for each in larger)]


@asynccontextmanager
async def _size(run: Run, contracts: int) -> AsyncIterator[Size]:
    due = min(run.sizes.due, contracts)
    async with (
        database_of("billing", run.admin_url, f"bench_growth_{contracts}") as url,
        bare_connection(url) as connection,
        running_billing(url, {GATEWAY: Till()}) as billing,
    ):
        watch = Stopwatch()
        await seed([connection], contracts, due)
        run.tell(f"{contracts:,} contracts are there after {watch.seconds:.0f} s")
        yield Size(contracts, due, connection, billing)


async def _clear_up(sizes: Sequence[Size]) -> None:
    """What one database has left to do would be charged to whichever is measured meanwhile.

    After the month to warm up, so that the planner knows the tables that were empty before it.
    """
    for each in sizes:
        await each.connection.execute("vacuum analyze")
    await sizes[0].connection.execute("checkpoint")


async def _turn(run: Run, size: Size, month: Month) -> Turn:
    await size.billing.remind(month)
    meter = Meter({"billing": os.getpid(), "PostgreSQL": run.server_pid})
    seconds = await size.billing.renew(month)
    cores = meter.read()
    await require_balanced(size.connection, month, size.due)
    return Turn(size.due / seconds, cores.milliseconds(size.due))


def _line(sizes: Sequence[Size], no: int) -> str:
    costs = ", ".join(f"{each.turns[no].cost:.3f} beside {each.contracts:,}" for each in sizes)
    return f"month {no + 1}: ms of processor a renewal: {costs}"


def _figure(each: Size) -> Figure:
    return Figure(
        name=f"a renewal beside {each.contracts:,} contracts, processor",
        value=each.cost,
        unit="ms",
        details={
            "ms by month": [turn.cost for turn in each.turns],
            "renewals/s": round(median(turn.per_second for turn in each.turns)),
            "processor ms": {
                name: median(turn.spent[name] for turn in each.turns)
                for name in each.turns[0].spent
            },
        },
    )


def _judged(first: Size, each: Size) -> Figure:
    """By the ratios of the same month: two months may find the machine at another pace."""
    ratios = [turn.cost / least.cost for turn, least in zip(each.turns, first.turns, strict=True)]
    growth = median(ratios)
    figure = _figure(each)
    return replace(
        figure,
        target=f"≤ {MOST_GROWTH:.1f} times {first.cost:.2f} ms, month by month",
        met=growth <= MOST_GROWTH,
        details={
            "growth": round(growth, 2),
            "growth by month": [round(ratio, 2) for ratio in ratios],
            **figure.details,
        },
    )
