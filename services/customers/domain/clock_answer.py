"""What a service told a clock at one moment, and what of it still stands in the clock's way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Place(NamedTuple):
    """`step` counts a clock's stops, `phase` the turns within one, `round` its advances."""

    step: int
    phase: int
    round: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`version` orders the answers of one service; `sent` and `handled` are sums by topic."""

    service: str
    version: int
    place: Place
    next_due_at: datetime | None
    sent: Mapping[str, int]
    handled: Mapping[str, int]
    reads: Sequence[str]
    open_effects: int
    open: Sequence[str]
    stuck: Sequence[str]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The service that a clock waits for, and what for."""

    service: str
    items: Sequence[str]


def unhandled(answers: Mapping[str, Answer]) -> list[Obstacle]:
    """Who has not handled exactly what was sent.

    Each topic has one publisher, each answer is of a service at rest, and a service at rest stirs
    only when it handles something. So if every reader's sum equals the publisher's, nothing is on
    the way, though the answers are of different moments: the first message sent after its sender's
    answer would have been caused by one that its reader had not counted, and the sums would differ.
    """
    found = []
    for service, reader in answers.items():
        items = [
            f"{publisher.service} sent {sent} {topic}, {reader.handled.get(topic, 0)} are handled"
            for publisher in answers.values()
            for topic, sent in sorted(publisher.sent.items())
            if topic in reader.reads and reader.handled.get(topic, 0) != sent
        ]
        if items:
            found.append(Obstacle(service, items))
    return found
