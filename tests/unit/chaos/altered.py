"""Ways to alter an event that stands on a topic of a right history."""

import json
from collections.abc import Callable
from dataclasses import replace

from tests.unit.chaos.sound import Sound


def altered(sound: Sound, topic: str, how: Callable[[dict], object], n: int = 0) -> None:  # type: ignore[type-arg]
    """The n-th event of a topic says something else, and was committed like that."""
    record = [each for each in sound.records if each.topic == topic][n]
    body = json.loads(record.value or "")
    how(body)
    said = replace(record, value=json.dumps(body))
    sound.records[sound.records.index(record)] = said
    for table, rows in sound.tables.items():
        for row in rows if table.endswith(".outbox") else ():
            if (row["topic"], row["id"]) == (topic, record.header("ce_id")):
                row["digest"] = said.digest


def without(sound: Sound, topic: str, n: int = 0) -> None:
    record = [each for each in sound.records if each.topic == topic][n]
    sound.records.remove(record)
