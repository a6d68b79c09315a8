"""The states of a subscription and the steps between them, as docs/semantics.md T2 draws them."""

from collections import Counter
from typing import Final

NOT_YET: Final = "nothing"
RUNNING: Final = ("trialing", "active", "past_due", "grace")
ACROSS: Final = {
    (NOT_YET, "created"),
    ("created", "trialing"),
    ("created", "active"),
    ("created", "canceled"),
    ("trialing", "active"),
    ("trialing", "past_due"),
    ("trialing", "grace"),
    ("active", "past_due"),
    ("active", "grace"),
    ("past_due", "grace"),
    # A method brought in the days of grace that fails softly: the retries to come count again.
    ("grace", "past_due"),
    ("past_due", "active"),
    ("grace", "active"),
    # What the trial's end would have cost is forgiven: the trial is as much longer.
    ("past_due", "trialing"),
    ("grace", "trialing"),
    ("suspended", "terminated"),
}
EDGES: Final = frozenset(
    ACROSS
    | {(state, "suspended") for state in RUNNING}
    | {("suspended", state) for state in RUNNING}
    | {(state, "terminated") for state in RUNNING}
)


class Coverage:
    """How often each edge was taken."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()

    @property
    def missing(self) -> list[str]:
        return [f"{before} to {after}" for before, after in sorted(EDGES - self.taken.keys())]

    def table(self) -> str:
        lines = [
            f"{before:>10} -> {after:<10} {self.taken[before, after]:>6}"
            for before, after in sorted(EDGES)
        ]
        return "\n".join(lines)
