"""Where the services stand on the topics, seen from the broker's side; and putting them back."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import Consumer, KafkaException, TopicPartition

Place = tuple[str, int]
PATIENCE = 60.0
# A broker that comes back grants every member its session anew.
EMPTY_AFTER = 180.0
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
        begun, waiting = time.monotonic(), dict[str, dict[Place, int]]()
        found: dict[str, float | None] = dict.fromkeys(groups)
        while time.monotonic() - begun < PATIENCE and None in found.values():
            for name in [each for each, seconds in found.items() if seconds is None]:
                # A broker that has just come back may not answer yet.
                with suppress(KafkaException), self._looking(name) as consumer:
                    if name not in waiting:
                        waiting[name] = _behind(consumer)
                    now = _committed(consumer)
                    if all(now.get(place, 0) > was for place, was in waiting[name].items()):
                        found[name] = round(time.monotonic() - begun, 1)
            time.sleep(LOOK_SECONDS)
        return found

    def rewind(self, group: str, by: int) -> int:
        """Put the whole group back; nobody may be in it. How many records come again."""
        deadline = time.monotonic() + EMPTY_AFTER
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


def _behind(consumer: Consumer) -> dict[Place, int]:
    committed = _committed(consumer)
    return {place: offset for place, offset in committed.items() if _end(consumer, place) > offset}


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
