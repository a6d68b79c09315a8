"""`python -m bench [names] [--small]`: measures, tells how far it is, writes the results."""

import argparse
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import uvloop

from bench import checkouts, consumer, growth, reads, renewals
from bench.pace import pace
from bench.results import Results, machine
from bench.run import SMALL, Figure, Run, Sizes, Stopwatch
from bench.server import running_server
from shared.clock import system_now
from shared.garbage import search_seldom

HERE = Path(__file__).parent
BENCHMARKS: Mapping[str, Callable[[Run], Awaitable[list[Figure]]]] = {
    "renewals": renewals.measure,
    "consumer": consumer.measure,
    "checkouts": checkouts.measure,
    "reads": reads.measure,
    "growth": growth.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(BENCHMARKS)}; else all")
    parser.add_argument("--small", action="store_true", help="to see that it runs, not how fast")
    parser.add_argument("--scale", type=float, default=1, help="0.1: a tenth of everything")
    parser.add_argument("--seed", type=int, default=20_260_101)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="where results.json and RESULTS.md go"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {min(unknown)}; there are {', '.join(BENCHMARKS)}")
    with tempfile.TemporaryDirectory(prefix="perennial-bench-") as directory:
        results = measure(
            Path(directory),
            asked.names or list(BENCHMARKS),
            SMALL if asked.small else Sizes().scaled(asked.scale),
            asked.seed,
        )
    results.write(asked.out)
    tell(results.table())
    if results.failed:
        raise SystemExit(f"not measured: {', '.join(results.failed)}")


def measure(directory: Path, names: list[str], sizes: Sizes, seed: int) -> Results:
    """Each benchmark on the same server, one after the other."""
    whole = Stopwatch()
    found: dict[str, list[Figure]] = {}
    failed: dict[str, str] = {}
    paces: dict[str, float] = {}
    with running_server(directory) as (url, pid):
        search_seldom()
        about = {**uvloop.run(machine(url)), "sizes": asdict(sizes)}
        for name in names:
            paces[name] = round(pace(), 1)
            watch = Stopwatch()
            run = Run(directory / name, url, pid, sizes, seed, partial(_tell_of, name))
            run.directory.mkdir()
            try:
                found[name] = uvloop.run(_measured(name, run))
            except Exception as error:  # noqa: BLE001  whatever it was, the others are worth their figures
                failed[name] = f"{type(error).__name__}: {error}"
                run.tell(f"not measured: {failed[name]}")
            else:
                run.tell(f"done in {watch.seconds:.0f} s")
    about["a fixed loop of Python before each, in ms"] = paces
    return Results(system_now().date().isoformat(), about, seed, whole.seconds, found, failed)


async def _measured(name: str, run: Run) -> list[Figure]:
    return list(await BENCHMARKS[name](run))


def _tell_of(name: str, text: str) -> None:
    tell(f"{name}: {text}")


def tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
