"""I6 to I10: checkouts end once, states follow the graph, and nobody pays for what he has not."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from tests.chaos.checker.bills import bills
from tests.chaos.checker.history import Event, History, instant
from tests.chaos.checker.purse import Purse
from tests.chaos.checker.violation import Violation

RUNNING = {"trialing", "active", "past_due", "grace"}
# From which state to which; where it stays, nothing is said.
EDGES = {
    "created": {"canceled"} | RUNNING,
    "trialing": RUNNING | {"suspended", "terminated"},
    "active": RUNNING | {"suspended", "terminated"},
    "past_due": RUNNING | {"suspended", "terminated"},
    "grace": RUNNING | {"suspended", "terminated"},
    "suspended": RUNNING | {"terminated"},
    "canceled": set[str](),
    "terminated": set[str](),
}
UNPAID = "non_payment"
# A hold of the partner's own; it may come to one that is suspended already.
ASKED_FOR = "requested"


def suspended_pays_nothing(history: History) -> Iterator[Violation]:
    """I6: nothing is kept for a period that began while access was cut for another reason."""
    purse = Purse.of(history)
    cuts = {name: _cuts(life) for name, life in lives(history).items()}
    for bill in bills(history).values():
        start = instant(bill.period_start)
        cut = any(since < start < until for since, until in cuts.get(bill.subscription, ()))
        if cut and bill.period_no and any(purse.net(each) > 0 for each in bill.paid_by):
            yield Violation("I6", bill.id, f"paid for {start}, in a hold of {bill.subscription}")


def nothing_after_the_end(history: History) -> Iterator[Violation]:
    """I7: no invoice holds for a period that begins at or after the end."""
    ends = {name: life[-1].body["subscription"] for name, life in lives(history).items()}
    for bill in bills(history).values():
        state = ends.get(bill.subscription)
        end = state and (state["terminated_at"] or state["ends_at"])
        if end and bill.period_no and bill.holds and instant(bill.period_start) >= instant(end):
            says = f"for {bill.period_start}, and {bill.subscription} ends {end}"
            yield Violation("I7", bill.id, says)


def checkouts_end_once(history: History) -> Iterator[Violation]:
    """I8: fulfilled or rejected, and the money accordingly."""
    made, fulfilled = _by_checkout(history, "created"), _by_checkout(history, "activated")
    rejected = Counter(e.body["checkout"]["reference"] for e in history.of("checkout.rejected"))
    purse, waiting = Purse.of(history), _waiting_for_money(history)
    returned = {r for bill in bills(history).values() if not bill.holds for r in bill.paid_by}
    for name in made.keys() | fulfilled.keys() | rejected.keys():
        if name not in history.sales:
            yield Violation("I8", name, "nobody has bought this")
    for name, sale in history.sales.items():
        ends = fulfilled[name] + rejected[name]
        if ends > 1 or made[name] > 1:
            says = f"made {made[name]}, fulfilled {fulfilled[name]}, rejected {rejected[name]}"
            yield Violation("I8", name, says)
        if not ends and sale["event_id"] in history.acknowledged and name not in waiting:
            yield Violation("I8", name, "the broker has it, and it has no end")
        if sale["taken_minor"] and ends:
            kept = fulfilled[name] and sale["reference"] not in returned
            held, due = purse.net(sale["reference"]), sale["taken_minor"] if kept else 0
            # Two checkouts that name one payment are judged by the payment (I1, I3).
            if held != due and ends == 1 and history.references[sale["reference"]] == 1:
                says = f"the gateway holds {held} of {sale['reference']} and should hold {due}"
                yield Violation("I8", name, says)


def legal_steps(history: History) -> Iterator[Violation]:
    """I9: versions run 1 to n, each once, and every step is an edge of the graph."""
    for name, life in lives(history).items():
        versions = [each.version for each in life]
        if versions != list(range(1, len(life) + 1)):
            yield Violation("I9", name, f"its versions are {versions}")
        states = [each.body["subscription"]["status"] for each in life]
        if states[0] != "created":
            yield Violation("I9", name, f"it begins as {states[0]}")
        for before, after in pairwise(states):
            if after not in EDGES[before] | {before}:
                yield Violation("I9", name, f"from {before} to {after}")


def answered(history: History) -> Iterator[Violation]:
    """I10: what was accepted has happened, and once. An order is its key: one that comes again
    under it is the same order, and one under another key is another.
    """
    happened = Counter(_carried_out(history))
    heard: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for line in history.lines("command"):
        outcomes = heard[line["subscription_id"], line["order"]]
        if outcomes.get(line["key"]) != "accepted":
            outcomes[line["key"]] = line["outcome"]
    for (name, order), outcomes in heard.items():
        times, asked = happened[name, order], Counter(outcomes.values())
        most = asked["accepted"] + asked["unknown"]
        if order == "extend" and times > most:
            yield Violation("I10", name, f"{order} happened {times} times, asked {most} times")
        if times < asked["accepted"]:
            says = f"{order} happened {times} times, accepted {asked['accepted']} times"
            yield Violation("I10", name, says)


def lives(history: History) -> dict[str, list[Event]]:
    """All that was said of each subscription, in the order of its versions."""
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for each in history.events:
        if "subscription" in each.body:
            found[each.subject].append(each)
    return {name: sorted(life, key=lambda each: each.version) for name, life in found.items()}


def _carried_out(history: History) -> Iterator[tuple[str, str]]:
    """The subscription and the order, as often as it is told to have happened."""
    for name, life in lives(history).items():
        was_held = False
        for each in life:
            is_held = any(h["kind"] == ASKED_FOR for h in each.body["subscription"]["holds"])
            if is_held is not was_held:
                yield name, "hold" if is_held else "lift"
            was_held = is_held
            if each.topic == "subscription.canceled":
                yield name, "cancel"
            if each.topic == "subscription.extended":
                yield name, "extend"


def _cuts(life: list[Event]) -> list[tuple[datetime, datetime]]:
    """Since when, until when access was cut by a hold that is not about money."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for each in life:
        holds = [h for h in each.body["subscription"]["holds"] if h["kind"] != UNPAID]
        if holds and since is None:
            since = min(instant(hold["placed_at"]) for hold in holds)
        elif not holds and since is not None:
            found.append((since, instant(each.body["change"]["at"])))
            since = None
    return [*found, (since, datetime.max.replace(tzinfo=UTC))] if since else found


def _by_checkout(history: History, what: str) -> Counter[str]:
    events = history.of(f"subscription.{what}")
    return Counter(each.body["subscription"]["checkout_reference"] for each in events)


def _waiting_for_money(history: History) -> set[str]:
    """Checkouts whose first payment was declined, and whose customer may name another method."""
    last: dict[str, Event] = {}
    for each in history.events:
        if each.body.get("standing"):
            name = each.body["standing"]["subscription_id"]
            if name not in last or each.version > last[name].version:
                last[name] = each
    return {
        life[-1].body["subscription"]["checkout_reference"]
        for name, life in lives(history).items()
        if life[-1].body["subscription"]["status"] == "created"
        and name in last
        and last[name].topic == "payment.failed"
    }
