"""A bus that keeps what Kafka keeps: everything, at least once, in order for a topic and a key."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from random import Random

from shared.record import Record

Lane = tuple[str, bytes]
MOST_REPEATED = 3


class Bus:
    def __init__(self) -> None:
        self.lanes: dict[Lane, list[Record]] = {}
        self.readers: list[Reader] = []
        self._offsets: Counter[str] = Counter()

    def publish(self, topic: str, key: str, value: bytes, headers: Mapping[str, str]) -> None:
        lane = topic, key.encode()
        record = Record(
            topic,
            0,
            self._offsets[topic],
            key.encode(),
            value,
            tuple((name, text.encode()) for name, text in headers.items()),
        )
        self._offsets[topic] += 1
        self.lanes.setdefault(lane, []).append(record)
        for reader in self.readers:
            reader.note(lane)

    def clear(self) -> None:
        self.lanes.clear()
        for reader in self.readers:
            reader.clear()


class Reader:
    """One consumer group. Between lanes it may be handed records in any order."""

    def __init__(self, bus: Bus, topics: Collection[str]) -> None:
        self.delivered = self.repeated = 0
        self._bus = bus
        self._topics = frozenset(topics)
        self._position: defaultdict[Lane, int] = defaultdict(int)
        self._committed: defaultdict[Lane, int] = defaultdict(int)
        self._furthest: defaultdict[Lane, int] = defaultdict(int)
        self._waiting: dict[Lane, None] = {}
        bus.readers.append(self)

    def clear(self) -> None:
        for each in (self._position, self._committed, self._furthest, self._waiting):
            each.clear()

    def note(self, lane: Lane) -> None:
        if lane[0] in self._topics:
            self._waiting[lane] = None

    def waits(self, topics: Collection[str] | None = None) -> bool:
        return any(topics is None or topic in topics for topic, _ in self._waiting)

    def poll(self, chance: Random, topics: Collection[str] | None = None) -> list[Record]:
        """Of some lanes the next few; now and then a lane is read again from a little before."""
        lanes = [each for each in self._waiting if topics is None or each[0] in topics]
        chance.shuffle(lanes)
        taken: list[list[Record]] = []
        for lane in lanes[: chance.randint(1, len(lanes))] if lanes else ():
            if chance.random() < 0.15:
                self._position[lane] -= min(self._position[lane], chance.randint(1, MOST_REPEATED))
            taken.append(self._take(lane, chance))
        return _interleaved(taken, chance)

    def everything(self, chance: Random, topics: Collection[str] | None = None) -> list[Record]:
        lanes = [each for each in self._waiting if topics is None or each[0] in topics]
        return _interleaved([self._take(lane, None) for lane in lanes], chance)

    def commit(self) -> None:
        """What was delivered until now is not delivered again by itself."""
        self._committed.update(self._position)

    def rewind(self) -> None:
        """The process began anew: all that it had not committed comes again."""
        for lane, at in list(self._position.items()):
            if at > self._committed[lane]:
                self._position[lane] = self._committed[lane]
                self._waiting[lane] = None

    def repeat_some(self, chance: Random) -> None:
        """A lane that was read before is read again from an earlier place."""
        known = [lane for lane, at in self._position.items() if at]
        if known:
            lane = chance.choice(known)
            self._position[lane] = chance.randrange(self._position[lane])
            self._waiting[lane] = None

    def _take(self, lane: Lane, chance: Random | None) -> list[Record]:
        at, log = self._position[lane], self._bus.lanes[lane]
        end = len(log) if chance is None else chance.randint(at + 1, len(log))
        self._position[lane] = end
        self.delivered += end - at
        self.repeated += max(0, min(end, self._furthest[lane]) - at)
        self._furthest[lane] = max(end, self._furthest[lane])
        if end == len(log):
            del self._waiting[lane]
        return log[at:end]


def _interleaved(lanes: list[list[Record]], chance: Random) -> list[Record]:
    """Any order that keeps each lane's own."""
    turns = [n for n, lane in enumerate(lanes) for _ in lane]
    chance.shuffle(turns)
    rest = [iter(lane) for lane in lanes]
    return [next(rest[n]) for n in turns]
