"""All that was written down of one run, as plain data; the databases are believed last."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.chaos.checker.envelopes import read_mail

Row = Mapping[str, Any]
# Whoever poisons a topic marks what he sends, so that it is told from what was meant.
POISON = "chaos-poison"
UPSTREAM = "checkout.completed"


@dataclass(frozen=True)
class Record:
    """As it stands on its topic; bytes are told as characters of Latin-1."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: str | None
    headers: Sequence[tuple[str, str | None]]

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    @property
    def is_poison(self) -> bool:
        marked = any(name == POISON for name, _ in self.headers)
        return marked or POISON in (self.value or "") or POISON in (self.key or "")

    def header(self, name: str) -> str:
        return next((value or "" for each, value in self.headers if each == name), "")

    @property
    def digest(self) -> str:
        return hashlib.sha256((self.value or "").encode("latin-1")).hexdigest()


@dataclass(frozen=True)
class Event:
    """What one of our services has said, once, however often it stands on the topic."""

    record: Record
    body: Row

    @property
    def topic(self) -> str:
        return self.record.topic

    @property
    def id(self) -> str:
        return self.record.header("ce_id")

    @property
    def subject(self) -> str:
        return self.record.header("ce_subject")

    @property
    def version(self) -> int:
        return int(self.record.header("ce_sequence"))

    @property
    def cause(self) -> str:
        return self.record.header("ce_causationid")

    @property
    def at(self) -> str:
        """The publisher's time, which is the partner's."""
        return self.record.header("ce_time")


@dataclass(frozen=True)
class History:
    """`journal` is the client's and the disturber's; `reads` are the topics of each service."""

    journal: Sequence[Row] = ()
    gateway: Sequence[Row] = ()
    panel: Sequence[Row] = ()
    mails: Sequence[Row] = ()
    records: Sequence[Record] = ()
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def lines(self, *kinds: str) -> Iterator[Row]:
        return (each for each in self.journal if each["kind"] in kinds)

    def table(self, name: str) -> Sequence[Row]:
        """`service.table`; of one that was not dumped there are no rows."""
        return self.tables.get(name, ())

    @cached_property
    def ours(self) -> list[Record]:
        """Repeats included, what came from outside left out."""
        return [each for each in self.records if each.topic != UPSTREAM and not each.is_poison]

    @cached_property
    def events(self) -> list[Event]:
        """Each once, in the order of its first appearance in its partition."""
        found: dict[tuple[str, str], Event] = {}
        for each in self.ours:
            name = (each.topic, each.header("ce_id"))
            if name not in found:
                found[name] = Event(each, json.loads((each.value or "").encode("latin-1")))
        return list(found.values())

    def of(self, *topics: str) -> list[Event]:
        return [each for topic in topics for each in self._by_topic.get(topic, ())]

    @cached_property
    def _by_topic(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for each in self.events:
            found.setdefault(each.topic, []).append(each)
        return found

    @cached_property
    def sales(self) -> dict[str, Row]:
        """By the shop's own id of the checkout."""
        return {each["checkout_id"]: each for each in self.lines("sale")}

    @cached_property
    def references(self) -> Counter[str]:
        """How many checkouts name each captured payment."""
        return Counter(each["reference"] for each in self.sales.values() if each["reference"])

    @cached_property
    def acknowledged(self) -> set[str]:
        """Ids of the upstream events that the broker has taken, as the client was told."""
        return {each["name"] for each in self.lines("acknowledged") if each["what"] == "sale"}


def instant(text: str) -> datetime:
    """Texts of instants cannot be compared: the fraction of a second may be left out."""
    return datetime.fromisoformat(text)


def read(directory: Path) -> History:
    """What `collect` and the journals have left in the directory of a run."""
    outside = directory / "outside"
    tables = {
        path.name.removesuffix(".jsonl"): _lines(path)
        for path in sorted((directory / "databases").glob("*.jsonl"))
    }
    return History(
        journal=_lines(directory / "client.jsonl"),
        gateway=_lines(outside / "gateway.jsonl"),
        panel=_lines(outside / "panel.jsonl"),
        mails=[read_mail(each) for each in _lines(outside / "mailbox" / "messages.jsonl")],
        records=[_record(each) for each in _lines(directory / "topics.jsonl")],
        reads=json.loads((directory / "reads.json").read_text()),
        tables=tables,
    )


def _record(line: Row) -> Record:
    headers = [(name, value) for name, value in line["headers"]]
    return Record(
        line["topic"], line["partition"], line["offset"], line["key"], line["value"], headers
    )


def _lines(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
