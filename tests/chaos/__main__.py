"""`make chaos`: the platform under load while everything fails; 0 if nothing was broken."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.checker.history import read
from tests.chaos.checker.verdict import judge
from tests.chaos.plan import Fault
from tests.chaos.report import Outcome, tell
from tests.chaos.run import Asked, carry_out


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or "1"))
    parser.add_argument("--seconds", type=float, default=180, help="how long the load lasts")
    parser.add_argument("--rate", type=float, default=25, help="checkouts a second")
    parser.add_argument("--calm", action="store_true", help="no faults, and no demands on them")
    parser.add_argument("--judge", type=Path, help="judge what an earlier run has left here")
    asked = parser.parse_args()
    if asked.judge:
        history = read(asked.judge / "history")
        outcome = Outcome(asked.seed, history=history, violations=judge(history))
        print(tell(outcome))
        sys.exit(bool(outcome.violations))
    directory = Path(tempfile.mkdtemp(prefix="perennial-chaos-", dir=os.environ.get("CHAOS_DIR")))
    print(f"Seed {asked.seed}; everything is kept in {directory}", flush=True)
    begun = time.monotonic()
    faults: list[Fault] | None = [] if asked.calm else None
    outcome = carry_out(Asked(asked.seed, asked.seconds, asked.rate, faults), directory)
    report = tell(outcome)
    (directory / "report.txt").write_text(report)
    print(report)
    demands = [] if asked.calm else outcome.vacuous
    failed = bool(outcome.violations or outcome.problems or demands)
    print(f"\n{'FAILED' if failed else 'Held'} after {time.monotonic() - begun:.0f} s: {directory}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
