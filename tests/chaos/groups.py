"""Where the services stand on the topics, seen from the broker's side; and putting them back."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaException, TopicPartition

Place = tuple[str, int]
PATIENCE = 60.0
LOOK_SECONDS = 0.3
ANSWER_SECONDS = 10


class Groups:
    """By plain consumers that join no group: the admin's client may die with a broker that dies."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def recovered(self, groups: Iterable[str]) -> dict[str, float | None]:
        """Seconds until each group has committed something new on every partition on which records
        wait now; None where that did not come within a minute.
        """
        begun, names = time.monotonic(), list(groups)
        waiting = {name: self._behind(name) for name in names}
        found: dict[str, float | None] = dict.fromkeys(names)
        while time.monotonic() - begun < PATIENCE and None in found.values():
            for name in [each for each in names if found[each] is None]:
                if self._moved_on(name, waiting[name]):
                    found[name] = round(time.monotonic() - begun, 1)
            time.sleep(LOOK_SECONDS)
        return found

    def rewind(self, group: str, by: int) -> int:
        """Put the whole group back; nobody may be in it. How many records come again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with self._looking(group) as consumer:
                    standing = _committed(consumer)
                    back = {place: max(offset - by, 0) for place, offset in standing.items()}
                    places = [TopicPartition(*place, offset) for place, offset in back.items()]
                    consumer.commit(offsets=places, asynchronous=False)
                    return sum(standing[place] - back[place] for place in back)
            except KafkaException:
                # The broker has not noticed yet that nobody is left.
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def _behind(self, group: str) -> dict[Place, int]:
        with self._looking(group) as consumer:
            return {
                place: offset
                for place, offset in _committed(consumer).items()
                if _end(consumer, place) > offset
            }

    def _moved_on(self, group: str, waiting: dict[Place, int]) -> bool:
        try:
            with self._looking(group) as consumer:
                now = _committed(consumer)
        except KafkaException:
            return False
        return all(now.get(place, 0) > offset for place, offset in waiting.items())

    @contextmanager
    def _looking(self, group: str) -> Iterator[Consumer]:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _end(consumer: Consumer, place: Place) -> int:
    return int(consumer.get_watermark_offsets(TopicPartition(*place), ANSWER_SECONDS)[1])


def _committed(consumer: Consumer) -> dict[Place, int]:
    topics = consumer.list_topics(timeout=ANSWER_SECONDS).topics
    every = [
        TopicPartition(name, n)
        for name, topic in topics.items()
        if not name.startswith("__")
        for n in topic.partitions
    ]
    found = consumer.committed(every, timeout=ANSWER_SECONDS)
    return {(each.topic, each.partition): each.offset for each in found if each.offset >= 0}
