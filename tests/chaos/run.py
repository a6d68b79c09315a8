"""One fault run: load, faults, heal, drain, write down, judge."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.platform import SERVICES
from tests.chaos.alongside import alongside
from tests.chaos.buyers import Buyers
from tests.chaos.checker.history import read
from tests.chaos.checker.verdict import judge
from tests.chaos.collect import collect, connect
from tests.chaos.drain import drain
from tests.chaos.echo import Echo
from tests.chaos.faults import Disturber
from tests.chaos.groups import Groups
from tests.chaos.journal import Journal
from tests.chaos.load import Load
from tests.chaos.months import Months
from tests.chaos.plan import BEYOND_SESSION, Fault, plan
from tests.chaos.poison import Poison
from tests.chaos.providers import found
from tests.chaos.report import Outcome
from tests.chaos.restarts import Restarts
from tests.chaos.shop import Shop
from tests.chaos.wishes import Wishes
from tests.chaos.world import World, running


@dataclass(frozen=True)
class Asked:
    """`faults` take the place of those that the seed draws. `read_again` lets every group begin at
    offset 0 in the end; `steps` of the sandbox's clock are made at least; `plant` names a bug to put into the services.
    """

    seed: int
    seconds: float = 180
    rate: float = 25
    faults: Sequence[Fault] | None = None
    sandbox_customers: int = 100
    steps: int = 6
    read_again: bool = True
    patience: float = 300
    plant: str = ""


def carry_out(asked: Asked, directory: Path) -> Outcome:
    """The directory keeps everything: logs, databases, and the history that was judged."""
    (directory / "history").mkdir(parents=True, exist_ok=True)
    with ExitStack() as afterwards:
        journal = Journal(directory / "history" / "client.jsonl")
        afterwards.callback(journal.close)
        world = afterwards.enter_context(running(directory, asked.plant))
        watched = Restarts(world.platform.processes, journal)
        failures: list[str] = []
        with alongside(watched.run, failures):
            outcome = _disturb(world, asked, journal)
            _heal(world, asked, journal, outcome)
        outcome.failures += failures
        collect(world)
        outcome.restarts = dict(world.platform.processes.restarts)
    for path in ("kafka", "postgres"):
        shutil.rmtree(directory / path, ignore_errors=True)
    outcome.history = read(directory / "history")
    outcome.violations = judge(outcome.history)
    return outcome


def _disturb(world: World, asked: Asked, journal: Journal) -> Outcome:
    seed = asked.seed
    faults = plan(seed, asked.seconds) if asked.faults is None else asked.faults
    print("\n".join(["The plan:", *(f"  {each}" for each in faults)]), flush=True)
    shop = Shop(world.broker.bootstrap, journal)
    live = found(world, "live", "month", journal)
    sandbox = found(world, "sandbox", "week", journal)
    # A shop that is not known yet would be refused.
    time.sleep(3)
    buyers = Buyers(seed, live.run, live.id, live.source, live.offer)
    load = Load(buyers, asked.rate, seed, shop=shop, gateway=world.gateway, journal=journal)
    months = Months(
        sandbox,
        seed,
        asked.sandbox_customers,
        shop=shop,
        journal=journal,
        least=asked.steps,
        patience=asked.patience,
    )
    months.sell(world.gateway)
    disturber = Disturber(world, seed, journal)
    # In the order in which they begin; the load is over first.
    works = (
        months,
        Wishes(live, seed, journal),
        Poison(seed, 1.2, shop, journal),
        Echo(seed, world.broker.bootstrap, shop),
        load,
    )
    with ExitStack() as beside:
        for each in works:
            beside.enter_context(alongside(each.run, disturber.failures))
        disturber.run(faults, asked.seconds)
    shop.close()
    return Outcome(
        asked.seed,
        faults=len(faults),
        failures=disturber.failures,
        sold_per_second=load.sold / load.seconds,
        steps=months.steps,
        clock_failures=months.failures,
    )


def _heal(world: World, asked: Asked, journal: Journal, outcome: Outcome) -> None:
    journal.write("ledger", entries=asyncio.run(_ledger(world)))
    outcome.drained_after, outcome.left = drain(world, asked.patience)
    if asked.read_again and not outcome.left:
        _read_again(world, journal)
        outcome.again_after, outcome.left = drain(world, asked.patience)


def _read_again(world: World, journal: Journal) -> None:
    processes, groups = world.platform.processes, Groups(world.broker.bootstrap)
    for name in SERVICES:
        processes.stop(name)
    outside = world.directory / "outside"
    journal.write(
        "read_again",
        gateway=len((outside / "gateway.jsonl").read_text().splitlines()),
        panel=len((outside / "panel.jsonl").read_text().splitlines()),
    )
    time.sleep(BEYOND_SESSION)
    again = sum(groups.rewind(name, 10**12) for name in SERVICES)
    print(f"All groups begin anew: {again} records are read again.", flush=True)
    for name in SERVICES:
        processes.restart(name)


async def _ledger(world: World) -> list[tuple[Any, ...]]:
    sql = await connect(world, "billing")
    try:
        rows = await sql.fetch("select cause, n, amount_minor from ledger_entries")
        return [tuple(row) for row in rows]
    finally:
        await sql.close()
