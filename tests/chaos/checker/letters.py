"""I15 and I16: nothing vanishes in reading, and what was read is what was told."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.checker.history import UPSTREAM, History, Record, Row
from tests.chaos.checker.life import lives
from tests.chaos.checker.violation import Violation

OPEN = {"trialing", "active", "past_due", "grace"}


def nothing_vanishes(history: History) -> Iterator[Violation]:
    """I15: what could not be read lies byte for byte among the letters of all who read its topic."""
    for service, topics in history.reads.items():
        letters = {
            (row["topic"], row["partition"], row["at_offset"]): row
            for row in history.table(f"{service}.parked")
        }
        for record in history.records:
            if record.is_poison and record.topic in topics:
                yield from _lies_there(record, letters.get(record.place), service)
        for place, row in letters.items():
            if row["state"] == "parked":
                yield Violation("I15", f"{service} {place}", f"still waits: {row['detail'][:120]}")
            elif row["reason"] == "exhausted":
                yield Violation("I15", f"{service} {place}", f"was given up: {row['detail'][:120]}")


def every_checkout_is_taken_in(history: History) -> Iterator[Violation]:
    """I15: a checkout on the topic is a row of customers, whatever became of it."""
    known = {row["reference"] for row in history.table("customers.checkouts")}
    sold = {sale["event_id"]: name for name, sale in history.sales.items()}
    for record in history.records:
        if record.topic == UPSTREAM and not record.is_poison:
            name = sold.get(record.header("ce_id"))
            if name is not None and name not in known:
                yield Violation("I15", name, f"on the topic at {record.place}, and not taken in")


def copies_are_true(history: History) -> Iterator[Violation]:
    """I16: what services keep of subscriptions and people is the last that was said of them."""
    last = {name: life[-1].body["subscription"] for name, life in lives(history).items()}
    told_notifier = {row["id"]: row for row in history.table("notifier.subscriptions")}
    contracts = {row["subscription_id"]: row for row in history.table("billing.contracts")}
    for name, state in last.items():
        copy = told_notifier.get(name, {})
        for field in ("version", "status"):
            if copy.get(field) != state[field]:
                says = f"notifier has {field} {copy.get(field)}, told is {state[field]}"
                yield Violation("I16", name, says)
        terms = contracts.get(name, {}).get("terms", {})
        for field in ("version", "status", "periods_opened", "periods_granted"):
            if terms.get(field) != state[field]:
                says = f"billing has {field} {terms.get(field)}, told is {state[field]}"
                yield Violation("I16", name, says)
    people = {
        each.body["customer"]["id"]: each.body["customer"]
        for each in sorted(
            history.of("customer.created", "customer.updated"), key=lambda each: each.version
        )
    }
    contacts = {row["customer_id"]: row for row in history.table("notifier.contacts")}
    for name, person in people.items():
        if (contacts.get(name, {}).get("version"), contacts.get(name, {}).get("email")) != (
            person["version"],
            person["email"],
        ):
            yield Violation("I16", name, "notifier's copy of the person is not the last one told")


def standing_is_obeyed(history: History) -> Iterator[Violation]:
    """I16: subscriptions shows the standing that billing has spoken last of it."""
    spoken: dict[str, Row] = {}
    for each in history.events:
        standing = each.body.get("standing")
        if isinstance(standing, dict) and "subscription_id" in standing:
            known = spoken.get(standing["subscription_id"])
            if known is None or standing["version"] > known["version"]:
                spoken[standing["subscription_id"]] = standing
    for name, life in lives(history).items():
        state = life[-1].body["subscription"]
        if name in spoken and state["status"] in OPEN:
            owed = (state["standing"] or {}).get("status", "current")
            if owed != spoken[name]["status"]:
                says = f"billing says {spoken[name]['status']}, the subscription shows {owed}"
                yield Violation("I16", name, says)


def the_panel_obeys(history: History) -> Iterator[Violation]:
    """I16: an account is open while its subscription gives access, and cut while it does not."""
    accounts: dict[str, Row] = {}
    for each in history.panel:
        if each["account"] is not None and each["outcome"] in {"done", "unheard"}:
            accounts[each["external_id"]] = each["account"]
    wrong: Counter[tuple[str, str]] = Counter()
    for name, life in lives(history).items():
        status = life[-1].body["subscription"]["status"]
        shown = accounts.get(name, {}).get("status")
        wanted = "enabled" if status in OPEN else "disabled" if status == "suspended" else None
        if wanted is not None and shown != wanted:
            wrong[status, str(shown)] += 1
            yield Violation("I16", name, f"{status}, and the panel shows {shown}")


def _lies_there(record: Record, letter: Row | None, service: str) -> Iterator[Violation]:
    name = f"{service} {record.place}"
    if letter is None:
        yield Violation("I15", name, "could not be read, and is no letter")
        return
    if (_bytes(letter["value"]), _bytes(letter["key"])) != (record.value, record.key):
        yield Violation("I15", name, "the letter is not what was sent")


def _bytes(column: str | None) -> str | None:
    """PostgreSQL tells bytes as two marks and their hexadecimal digits."""
    return None if column is None else bytes.fromhex(column[2:]).decode("latin-1")
