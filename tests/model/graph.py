"""The states of a subscription and the steps between them, as docs/semantics.md T2 draws them."""

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
