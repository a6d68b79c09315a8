"""What the demonstration must have led to, beside what it did lead to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from deploy.demo.cast import Plan

LIVING = (
    "captured", "method", "month_end", "never_pays", "pays_at_last", "recovers", "cancels",
)  # fmt: skip
# The mails that are counted one by one; of the rest (welcome series, reminders) the sum is compared.
COUNTED_MAILS = ("credentials", "suspended", "resumed", "cancellation")


@dataclass(frozen=True)
class Figure:
    name: str
    expected: int
    actual: int

    @property
    def agrees(self) -> bool:
        return self.expected == self.actual


def expected(plan: Plan) -> dict[str, int]:
    ended = plan.of("never_pays", "pays_at_last", "cancels")
    return {
        "activated": plan.of(*LIVING),
        "rejected": plan.of("refused", "declined_at_once"),
        "suspended": ended,
        "resumed": plan.of("pays_at_last"),
        "dead letters": plan.of("unreadable"),
        "mails: credentials": plan.of(*LIVING),
        "mails: suspended": ended,
        "mails: resumed": plan.of("pays_at_last"),
        "mails: cancellation": plan.of("cancels"),
    }


def figures(
    wanted: Mapping[str, int], facts: Counter[str], mails: Counter[str], dead: int
) -> list[Figure]:
    """`facts` are unique events by type, `mails` those in the mailbox by template."""
    actual = {
        "activated": facts["subscription.activated"],
        "rejected": facts["checkout.rejected"],
        "suspended": facts["subscription.suspended"],
        "resumed": facts["subscription.resumed"],
        "dead letters": dead,
        **{f"mails: {each}": mails[each] for each in COUNTED_MAILS},
    }
    found = [Figure(name, count, actual[name]) for name, count in wanted.items()]
    return [*found, Figure("mails in all", facts["notification.sent"], mails.total())]


def mails_of(mailbox_url: str, partner_id: str) -> Counter[str]:
    """By template, as the mailbox has them: it is outside and knows nothing of what we meant."""
    found: Counter[str] = Counter()
    after = 0
    with httpx2.Client(base_url=mailbox_url, timeout=20) as mailbox:
        while page := mailbox.get(f"/messages?after={after}&limit=1000").json()["messages"]:
            for each in page:
                if each["headers"].get("X-Perennial-Partner") == partner_id:
                    found[each["headers"].get("X-Perennial-Template", "?")] += 1
            after = page[-1]["n"]
    return found


def table(found: list[Figure]) -> str:
    rows = [f"{'':<24}{'expected':>10}{'actual':>10}"]
    rows += [
        f"{each.name:<24}{each.expected:>10}{each.actual:>10}{'' if each.agrees else '   <-- differs'}"
        for each in found
    ]
    return "\n".join(rows)
