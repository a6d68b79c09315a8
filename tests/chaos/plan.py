"""What will go wrong, when, and for whom: drawn from the seed, and printed before it begins."""

from dataclasses import dataclass
from random import Random

from typing_extensions import override

SERVICES = ("customers", "subscriptions", "billing", "notifier")
# Longer than a member's session in its consumer group.
BEYOND_SESSION = 35.0


@dataclass(frozen=True, order=True)
class Fault:
    """`at` counts from the beginning of the load; `lasts` is how long it is kept up."""

    at: float
    what: str
    target: str = ""
    lasts: float = 0.0

    @override
    def __str__(self) -> str:
        length = f" for {self.lasts:.0f} s" if self.lasts else ""
        return f"{self.at:6.1f} s  {self.what} {self.target}{length}"


# One after the other, since each of them stops what the others need.
BREAKDOWNS = (
    Fault(0, "kill in a batch", "customers"),
    Fault(0, "kill in a batch", "subscriptions"),
    Fault(0, "kill in a batch", "billing"),
    Fault(0, "postgres crashes", "postgres"),
    Fault(0, "connections cut", "postgres"),
    Fault(0, "broker restarts", "broker", 3),
    Fault(0, "broker killed", "broker", 1),
)
# Beside the others: what is outside misbehaves.
OUTSIDE = (
    Fault(10, "gateway unknown", "gateway", 30),
    Fault(95, "gateway unknown", "gateway", 30),
    Fault(50, "panel fails", "panel", 15),
    Fault(70, "mail cut after DATA", "mailbox", 12),
    Fault(140, "mail cut after DATA", "mailbox", 10),
)
FIRST, SPACING = 12.0, 10.0
ROUND = 180.0


def plan(seed: int, seconds: float) -> list[Fault]:
    """A round lasts three minutes; a longer run has more of them, each drawn anew."""
    random, found = Random(f"{seed} faults"), list[Fault]()
    begun = 0.0
    while begun < seconds:
        found += [_later(each, begun) for each in _round(random)]
        begun += ROUND
    return sorted(each for each in found if each.at + each.lasts < seconds)


def _round(random: Random) -> list[Fault]:
    breakdowns = random.sample(BREAKDOWNS, len(BREAKDOWNS))
    # A mail that was under way waits two minutes for its lease, so the notifier dies early.
    breakdowns.insert(random.randrange(3), Fault(0, "kill in a batch", "notifier"))
    frozen, rewound = random.sample(SERVICES, 2)
    late = FIRST + len(breakdowns) * SPACING
    return [
        *(_later(each, FIRST + n * SPACING) for n, each in enumerate(breakdowns)),
        Fault(late, "frozen", frozen, BEYOND_SESSION),
        Fault(late + 1, "away and rewound", rewound, BEYOND_SESSION),
        *OUTSIDE,
    ]


def _later(fault: Fault, seconds: float) -> Fault:
    return Fault(fault.at + seconds, fault.what, fault.target, fault.lasts)
