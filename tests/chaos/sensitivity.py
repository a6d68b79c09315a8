"""`make chaos-sensitivity`: the checker is only worth something if it notices planted bugs."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.chaos.planted.catalogue import BUGS
from tests.chaos.run import Asked, carry_out

SANDBOX_CUSTOMERS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.sensitivity", description=__doc__)
    parser.add_argument("bugs", nargs="*", help=f"all, or some of: {', '.join(BUGS)}")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or "1"))
    asked = parser.parse_args()
    missed = [name for name in asked.bugs or BUGS if not _noticed(name, asked.seed)]
    print(f"\n{len(asked.bugs or BUGS) - len(missed)} of {len(asked.bugs or BUGS)} were noticed")
    sys.exit(f"not noticed: {', '.join(missed)}" if missed else 0)


def _noticed(name: str, seed: int) -> bool:
    bug = BUGS[name]
    print(f"\n{name}: {bug.says}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"chaos-{name}-", dir=os.environ.get("CHAOS_DIR")) as d:
        outcome = carry_out(
            Asked(
                seed,
                bug.seconds,
                faults=bug.faults,
                sandbox_customers=SANDBOX_CUSTOMERS,
                read_again=False,
                steps=bug.steps,
                patience=60,
                plant=name,
            ),
            Path(d),
        )
    found = Counter(each.invariant for each in outcome.violations)
    caught = [each for each in bug.breaks if found[each]]
    for invariant in caught:
        example = next(each for each in outcome.violations if each.invariant == invariant)
        print(f"  {invariant} ({found[invariant]} times), as {example.about}: {example.says}")
    beside = {each: n for each, n in sorted(found.items()) if each not in caught}
    print(f"  {'NOTICED' if caught else 'MISSED'}; beside: {beside or 'nothing'}", flush=True)
    return bool(caught)


if __name__ == "__main__":
    main()
