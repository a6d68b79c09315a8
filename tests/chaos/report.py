"""What a run has proved, or why it has proved nothing."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.checker.history import History, Row
from tests.chaos.checker.violation import Violation

# Below any of these a run says nothing.
AT_LEAST = {
    "checkouts a second": 20,
    "faults": 12,
    "kills in a batch": 4,
    "unknown payments": 50,
    "duplicates": 200,
    "poisoned": 100,
    "mails cut": 30,
    "renewals": 100,
}
# From the end of a fault to a new commit on every partition where records wait, in seconds.
RECOVERY = {
    "kill in a batch": 10,
    "frozen": 40,
    "away and rewound": 10,
    "postgres crashes": 5,
    "connections cut": 5,
    "broker restarts": 20,
    "broker killed": 20,
}
UNHEARD = ("timeout_after", "timeout_before", "error_after", "late")
SHOWN = 15


@dataclass
class Outcome:
    seed: int
    faults: int = 0
    failures: list[str] = field(default_factory=list)
    sold_per_second: float = 0
    steps: int = 0
    clock_failures: int = 0
    drained_after: float = 0
    again_after: float = 0
    left: dict[str, Any] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    history: History = field(default_factory=History)
    violations: list[Violation] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, float]:
        lines = list(self.history.lines("fault"))
        sent = Counter(each["what"] for each in self.history.lines("acknowledged"))
        copies = Counter(mail["message_id"] for mail in self.history.mails)
        return {
            "checkouts a second": round(self.sold_per_second, 1),
            "faults": len(lines),
            "kills in a batch": sum(bool(each.get("in_a_batch")) for each in lines),
            "unknown payments": sum(_unheard(each) for each in lines),
            "duplicates": sent["repeat"] + sent["echo"],
            "poisoned": sent["poison"],
            "mails cut": sum(times - 1 for times in copies.values()),
            "renewals": len(self.history.of("subscription.renewed")),
        }

    @property
    def vacuous(self) -> list[str]:
        counts = self.counts
        return [f"{name}: {counts[name]} < {n}" for name, n in AT_LEAST.items() if counts[name] < n]

    @property
    def not_recovered(self) -> list[str]:
        return [
            f"{fault['what']} {fault['target']}: {group} did not move again within a minute"
            for fault in self.history.lines("fault")
            for group, seconds in fault["recovered"].items()
            if seconds is None
        ]

    @property
    def problems(self) -> list[str]:
        """Beside violations: what kept the run from its end."""
        stuck = [f"the clock stood still: {line}" for line in self.history.lines("clock_stuck")]
        left = [f"not drained: {name} {what}" for name, what in self.left.items()]
        return [*self.failures, *stuck, *left, *self.not_recovered]


def tell(outcome: Outcome) -> str:
    counts, history = outcome.counts, outcome.history
    return "\n".join(
        [
            f"\nSeed {outcome.seed}",
            *(f"  {name:<22}{counts[name]:>10}  (at least {n})" for name, n in AT_LEAST.items()),
            f"  {'sandbox steps':<22}{outcome.steps:>10}  ({outcome.clock_failures} asked again)",
            f"  {'records':<22}{len(history.records):>10}  ({len(history.events)} events)",
            f"  {'mails':<22}{len(history.mails):>10}",
            f"  {'restarts':<22}{sum(outcome.restarts.values()):>10}  by supervisor, none by hand",
            f"  drained in {outcome.drained_after:.0f} s; all read again in {outcome.again_after:.0f} s",
            "",
            *_recovery(history),
            "",
            *_verdict(outcome),
        ]
    )


def _recovery(history: History) -> list[str]:
    lines = ["Recovery, from the end of the fault to a new commit wherever records waited:"]
    for fault in history.lines("fault"):
        if not fault["recovered"]:
            continue
        target = RECOVERY[fault["what"]]
        said = ", ".join(
            f"{group} {seconds} s{'' if seconds is not None and seconds <= target else ' (!)'}"
            for group, seconds in fault["recovered"].items()
        )
        lines.append(f"  {fault['what']:<18} (target {target:>2} s)  {said}")
    return lines


def _verdict(outcome: Outcome) -> list[str]:
    found = Counter(each.invariant for each in outcome.violations)
    lines = [f"{len(outcome.violations)} violations {dict(sorted(found.items())) or ''}".rstrip()]
    shown: Counter[str] = Counter()
    for each in outcome.violations:
        shown[each.invariant] += 1
        if shown[each.invariant] <= SHOWN:
            lines.append(f"  {each.invariant}  {each.about}: {each.says}")
    lines += [f"  problem: {each}" for each in outcome.problems]
    lines += [f"  vacuous: {each}" for each in outcome.vacuous]
    return lines


def _unheard(fault: Row) -> int:
    hits = fault.get("hits", {})
    return sum(n for name, n in hits.items() if name.endswith(" charge") and _is_unheard(name))


def _is_unheard(name: str) -> bool:
    return name.split(maxsplit=1)[0] in UNHEARD
