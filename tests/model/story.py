"""What the services have said so far, read from their outboxes: versions, states, steps."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from tests.model.coverage import Coverage
from tests.model.graph import EDGES, NOT_YET
from tests.model.process import Process
from tests.model.world import World

State = dict[str, Any]


class Said(NamedTuple):
    """What billing said of a subscription's money."""

    topic: str
    name: str
    body: dict[str, Any]


class Story:
    """`states` is each subscription as it was last told of, `told` as it was with each version, and
    `standings` the same of billing's word on it; `faults` is what could not be true.
    """

    def __init__(self, world: World, coverage: Coverage) -> None:
        self.states: dict[str, State] = {}
        self.told: defaultdict[str, dict[int, State]] = defaultdict(dict)
        self.standings: defaultdict[str, dict[int, State]] = defaultdict(dict)
        self.ended: defaultdict[str, list[str]] = defaultdict(list)
        self.made: defaultdict[str, set[str]] = defaultdict(set)
        self.owed: set[str] = set()
        self.faults: list[str] = []
        self._holds: defaultdict[str, dict[tuple[str, str], datetime | None]] = defaultdict(dict)
        self._acts: defaultdict[str, set[str]] = defaultdict(set)
        self._of_billing: list[Said] = []
        self._world = world
        self._coverage = coverage
        self._versions: dict[tuple[str, str, str], int] = {}
        self._read: dict[str, int] = {}

    async def read(self) -> None:
        for process in self._world.processes.values():
            await self._read_on(process)

    async def _read_on(self, process: Process) -> None:
        rows = await process.sql.fetch(
            """
            select seq, topic, aggregate, subject, version, payload from outbox
            where seq > $1 order by seq""",
            self._read.get(process.name, 0),
        )
        for row in rows:
            self._count(process, row)
            if process.name == "subscriptions" and row["aggregate"] == "subscription":
                self._follow(row["topic"], orjson.loads(row["payload"]))
            elif process.name == "billing":
                self._follow_money(row["topic"], row["aggregate"], orjson.loads(row["payload"]))
            elif row["topic"] == "checkout.rejected":
                checkout = orjson.loads(row["payload"])["checkout"]
                self.ended[checkout["reference"]].append("rejected")
        if rows:
            self._read[process.name] = rows[-1]["seq"]

    def _count(self, process: Process, row: Any) -> None:
        name = process.name, row["aggregate"], row["subject"]
        before = self._versions.get(name, 0)
        if row["version"] != before + 1:
            self.faults.append(f"I9 {name}: version {row['version']} follows {before}")
        self._versions[name] = row["version"]

    def _follow(self, topic: str, body: dict[str, Any]) -> None:
        state = body["subscription"]
        self._acts[state["id"]].add(body["change"]["kind"])
        self.told[state["id"]][state["version"]] = state
        self._follow_holds(state, datetime.fromisoformat(body["change"]["at"]))
        before = self.states.get(state["id"])
        step = before["status"] if before else NOT_YET, state["status"]
        self.states[state["id"]] = state
        self.made[state["checkout_reference"]].add(state["id"])
        if topic == "subscription.activated":
            self.ended[state["checkout_reference"]].append("fulfilled")
        if step[0] == step[1]:
            return
        if step not in EDGES:
            self.faults.append(f"I9 {state['id']}: {step[0]} to {step[1]} by {topic}")
        self._coverage.taken[step] += 1

    def _follow_money(self, topic: str, aggregate: str, body: dict[str, Any]) -> None:
        if aggregate == "standing":
            standing = body["standing"]
            name = standing["subscription_id"]
            self.standings[name][standing["version"]] = standing
            self._of_billing.append(Said(topic, name, body))
            if standing["status"] != "current":
                self.owed.add(name)
        elif body["refund"]["status"] == "succeeded":
            self._coverage.note_given_back(body["refund"])

    def _follow_holds(self, state: State, at: datetime) -> None:
        known = self._holds[state["id"]]
        current = {(each["kind"], each["placed_at"]) for each in state["holds"]}
        known.update(dict.fromkeys(current - known.keys()))
        for gone in {name for name, lifted in known.items() if lifted is None} - current:
            known[gone] = at

    def holds_of(self, name: str) -> list[tuple[str, datetime, datetime | None]]:
        """Kind, from when, and until when, for all that there ever were."""
        return [
            (kind, datetime.fromisoformat(placed), lifted)
            for (kind, placed), lifted in self._holds[name].items()
        ]

    def end_of(self, name: str) -> datetime | None:
        """When it ended, if it has and was not brought back."""
        state = self.states[name]
        over = state["status"] in {"terminated", "canceled"}
        if over or any(each["kind"] == "ended" for each in state["holds"]):
            end = state["ends_at"] or state["terminated_at"] or state["canceled_at"]
            return datetime.fromisoformat(end)
        return None

    def is_left_alone(self, name: str) -> bool:
        """Nothing but payments ever happened to it."""
        return self._acts[name] <= {"created", "activated", "renewed"}

    def billing_since(self, n: int) -> Sequence[Said]:
        """All that billing has said but the first `n`."""
        return self._of_billing[n:]

    def of(self, *statuses: str) -> list[State]:
        return [each for each in self.states.values() if not statuses or each["status"] in statuses]

    def say_what_is_wrong(self) -> list[str]:
        """I8: of a checkout comes one subscription at most, and one end."""
        twice = [
            f"I8 {reference} ended as {ends}"
            for reference, ends in self.ended.items()
            if len(ends) > 1
        ]
        several = [
            f"I8 {reference} became {sorted(made)}"
            for reference, made in self.made.items()
            if len(made) > 1
        ]
        return [*self.faults, *twice, *several]
