"""I11 to I14: what was committed was told, in order, and took effect once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checker.history import UPSTREAM, Event, History
from tests.chaos.checker.life import lives
from tests.chaos.checker.violation import Violation

# Where an aggregate's present version is stored: its name on the outbox, table, id.
ROWS = {
    "subscription": ("subscriptions.subscriptions", "id"),
    "standing": ("billing.contracts", "subscription_id"),
    "refund": ("billing.refunds", "id"),
    "customer": ("customers.customers", "id"),
    "message": ("notifier.messages", "id"),
}
SERVICES = ("customers", "subscriptions", "billing", "notifier")
# Each of these leads to exactly one of those, which names it as its cause.
ONE_ANSWER = {
    "checkout.accepted": {"subscription.created", "order.refused"},
    "order.refused": {"checkout.rejected"},
}


def versions_agree(history: History) -> Iterator[Violation]:
    """I11: the last event of an aggregate has the version of its row."""
    last: dict[tuple[str, str], int] = {}
    for service in SERVICES:
        for row in history.table(f"{service}.outbox"):
            whose = (row["aggregate"], row["subject"])
            last[whose] = max(last.get(whose, 0), row["version"])
    for kind, (table, key) in ROWS.items():
        stored = {row[key]: row["version"] for row in history.table(table)}
        told = {subject: version for (of, subject), version in last.items() if of == kind}
        for subject in stored.keys() | told.keys():
            if stored.get(subject, 0) != told.get(subject, 0):
                says = f"stored as version {stored.get(subject)}, told as {told.get(subject)}"
                yield Violation("I11", subject, says)


def states_agree(history: History) -> Iterator[Violation]:
    """I11: what was said last of a subscription is what is stored of it."""
    rows = {row["id"]: row for row in history.table("subscriptions.subscriptions")}
    for name, life in lives(history).items():
        state, row = life[-1].body["subscription"], rows.get(name, {})
        for field in ("version", "status", "customer_id", "offer", "currency"):
            if row.get(field) != state[field]:
                says = f"{field} is stored as {row.get(field)}, told as {state[field]}"
                yield Violation("I11", name, says)


def nothing_is_lost(history: History) -> Iterator[Violation]:
    """I12: outboxes and topics hold the same events, and a repeat has the same bytes."""
    digests: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for record in history.ours:
        digests[record.topic, record.header("ce_id")].add(record.digest)
    for (topic, name), found in digests.items():
        if len(found) > 1:
            yield Violation("I12", name, f"{len(found)} different contents on {topic}")
    written: dict[tuple[str, str], str] = {
        (row["topic"], row["id"]): row["digest"]
        for service in SERVICES
        for row in history.table(f"{service}.outbox")
    }
    for topic, name in written.keys() - digests.keys():
        yield Violation("I12", name, f"committed for {topic}, and not there")
    for topic, name in digests.keys() - written.keys():
        yield Violation("I12", name, f"on {topic}, and no outbox has it")
    for place in written.keys() & digests.keys():
        if written[place] not in digests[place]:
            yield Violation("I12", place[1], f"not on {place[0]} as it was committed")


def in_order(history: History) -> Iterator[Violation]:
    """I13: of one aggregate first appearances ascend in a topic, all in one partition."""
    versions: dict[tuple[str, str, str], int] = {}
    partitions: dict[tuple[str, str | None], int] = {}
    for each in history.events:
        # A clock is one aggregate of each service: who speaks is part of the name.
        name = (each.record.header("ce_source"), each.topic, each.subject)
        if each.version <= versions.get(name, 0):
            says = f"version {each.version} comes after {versions[name]} on {each.topic}"
            yield Violation("I13", each.subject, says)
        versions[name] = each.version
        place = (each.topic, each.record.key)
        if partitions.setdefault(place, each.record.partition) != each.record.partition:
            yield Violation("I13", str(each.record.key), f"in two partitions of {each.topic}")


def one_answer_a_cause(history: History) -> Iterator[Violation]:
    """I14: what demands an answer has led to one: none is missing, none is there twice."""
    effects: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in history.events:
        effects[each.cause][each.topic] += 1
    causes = [*history.of("checkout.accepted"), *_refused_checkouts(history)]
    for each in causes:
        wanted = ONE_ANSWER[each.topic]
        times = sum(effects[each.id][effect] for effect in wanted)
        if times != 1:
            says = f"{each.topic} led {times} times to {' or '.join(sorted(wanted))}"
            yield Violation("I14", each.id, says)


def nothing_is_granted_twice(history: History) -> Iterator[Violation]:
    """I14: a period opens once, an extension is granted once."""
    periods = Counter(
        f"period {each.body['period']['no']} of {each.subject}"
        for each in history.of("period.opened")
    )
    grants = Counter(f"grant {e.body['grant_id']}" for e in history.of("subscription.extended"))
    for name, times in (periods + grants).items():
        if times > 1:
            yield Violation("I14", name, f"given {times} times")


def accounts_are_opened_once(history: History) -> Iterator[Violation]:
    """I14: the panel has opened one account for each activation, and none beside."""
    passwords: defaultdict[str, set[str]] = defaultdict(set)
    for each in history.panel:
        done = each["operation"] == "create" and each["outcome"] in {"done", "unheard"}
        if done and each["account"]:
            # Made anew, an account has another password.
            passwords[each["external_id"]].add(each["account"]["password"])
    activated = {each.subject for each in history.of("subscription.activated")}
    created = {each.subject for each in history.of("subscription.created")}
    for name in activated - passwords.keys():
        yield Violation("I14", name, "activated, and the panel has no account")
    for name in passwords.keys() - created:
        yield Violation("I14", name, "an account for nothing")
    for name, found in passwords.items():
        if len(found) > 1:
            yield Violation("I14", name, f"{len(found)} accounts were opened")


def heard_once(history: History) -> Iterator[Violation]:
    """I14: every event that a service reads stands once in its inbox, or among its letters."""
    for service, topics in history.reads.items():
        inbox = Counter((row["topic"], row["id"]) for row in history.table(f"{service}.inbox"))
        letters = {
            (row["topic"], row["partition"], row["at_offset"])
            for row in history.table(f"{service}.parked")
        }
        for topic in set(topics) - {UPSTREAM}:
            for each in history.of(topic):
                if inbox[topic, each.id] != 1 and each.record.place not in letters:
                    says = f"{topic}: {inbox[topic, each.id]} times in the inbox of {service}"
                    yield Violation("I14", each.id, says)


def _refused_checkouts(history: History) -> list[Event]:
    """Orders of other kinds are refused without a checkout to end."""
    return [each for each in history.of("order.refused") if each.body["order"]["checkout_id"]]
