"""What a run has met: moves that were made, edges that were taken, money that went back."""

from collections import Counter
from collections.abc import Collection
from typing import Any, Final

from tests.model.graph import EDGES

MOVES: Final = frozenset(
    {
        *("check_out", "card_turns", "bring_method", "pay_by_hand", "webhooks_come", "cancel"),
        *("uncancel", "reactivate", "extend", "hold", "lift", "outside_turns", "hours_pass"),
        *("days_pass", "a_boundary_passes", "something_falls_due", "work"),
    }
)
TAKEN_BACK: Final = "a charge was taken back"
REJECTED: Final = "a checkout was rejected"


class Coverage:
    """Nobody orders a refund: money goes back because a word has crossed its charge, or because
    its checkout came to nothing. `given_back` counts those that have reached their card, by why.
    """

    def __init__(self) -> None:
        self.moves: Counter[str] = Counter()
        self.taken: Counter[tuple[str, str]] = Counter()
        self.given_back: Counter[tuple[str, str]] = Counter()

    def note_given_back(self, refund: dict[str, Any]) -> None:
        what = REJECTED if refund["subscription_id"] is None else TAKEN_BACK
        self.given_back[what, refund["reason"]] += 1

    @property
    def missing(self) -> list[str]:
        """What never came about, and so was not proved."""
        return [
            *(f"{before} to {after}" for before, after in sorted(EDGES - self.taken.keys())),
            *sorted(MOVES - self.moves.keys()),
            *sorted({TAKEN_BACK, REJECTED} - {what for what, _ in self.given_back}),
        ]

    def table(self) -> str:
        edges = {f"{before:>10} -> {after}": self.taken[before, after] for before, after in EDGES}
        back = {f"{what}: {why}": n for (what, why), n in self.given_back.items()}
        return "\n".join(
            [
                *_counted("moves", {name: self.moves[name] for name in MOVES}),
                *_counted("edges", edges),
                *_counted("refunds", back),
            ]
        )


def _counted(what: str, counts: dict[str, int]) -> Collection[str]:
    total = f"{sum(counts.values()):>8} {what}"
    return [total, *(f"{n:>8}   {name}" for name, n in sorted(counts.items()))]
