"""Where the services stand on the topics, seen from the broker's side; and putting them back."""

import time
from collections.abc import Iterable

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    OffsetSpec,
)

Place = tuple[str, str, int]
PATIENCE = 60.0
LOOK_SECONDS = 0.25


class Groups:
    def __init__(self, bootstrap: str) -> None:
        quiet: dict[str, str | int | float | bool] = {
            "bootstrap.servers": bootstrap,
            "log_level": 0,
            "socket.timeout.ms": 5000,
        }
        self._admin = AdminClient(quiet, logger=None)

    def recovered(self, groups: Iterable[str]) -> dict[str, float | None]:
        """Seconds until each group has committed something new on every partition on which records
        wait now; None where that did not come within a minute.
        """
        begun, names = time.monotonic(), list(groups)
        waiting = {name: self._behind(name) for name in names}
        found: dict[str, float | None] = dict.fromkeys(names)
        while time.monotonic() - begun < PATIENCE and None in found.values():
            for name in [each for each in names if found[each] is None]:
                now = self._committed(name)
                if all(now.get(place, 0) > offset for place, offset in waiting[name].items()):
                    found[name] = round(time.monotonic() - begun, 1)
            time.sleep(LOOK_SECONDS)
        return found

    def rewind(self, group: str, by: int) -> int:
        """Put the whole group back; nobody may be in it. How many records come again."""
        standing = self._committed(group)
        back = {place: max(offset - by, 0) for place, offset in standing.items()}
        places = [TopicPartition(topic, n, offset) for (_, topic, n), offset in back.items()]
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._put(group, places)
            except KafkaException:
                # The broker has not noticed yet that nobody is left.
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)
            else:
                return sum(standing[place] - back[place] for place in back)

    def _put(self, group: str, places: list[TopicPartition]) -> None:
        asked = [ConsumerGroupTopicPartitions(group, places)]
        for future in self._admin.alter_consumer_group_offsets(asked).values():
            for place in future.result(30).topic_partitions or []:
                if place.error:
                    raise KafkaException(place.error)

    def _behind(self, group: str) -> dict[Place, int]:
        committed = self._committed(group)
        newest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(topic, n): newest for _, topic, n in committed}
        ends = self._admin.list_offsets(asked) if asked else {}
        end_of = {
            (group, place.topic, place.partition): future.result(30).offset
            for place, future in ends.items()
        }
        return {place: offset for place, offset in committed.items() if end_of[place] > offset}

    def _committed(self, group: str) -> dict[Place, int]:
        asked = [ConsumerGroupTopicPartitions(group)]
        [future] = self._admin.list_consumer_group_offsets(asked).values()
        try:
            answer = future.result(30)
        except KafkaException:
            return {}
        return {
            (group, place.topic, place.partition): place.offset
            for place in answer.topic_partitions or []
            if place.offset is not None and place.offset >= 0
        }
