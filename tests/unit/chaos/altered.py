"""Ways to alter an event that stands on a topic of a right history."""

import json
from collections.abc import Callable
from dataclasses import replace

from tests.unit.chaos.sound import Sound


def altered(sound: Sound, topic: str, how: Callable[[dict], object], n: int = 0) -> None:  # type: ignore[type-arg]
    """The n-th event of a topic says something else."""
    record = [each for each in sound.records if each.topic == topic][n]
    body = json.loads(record.value or "")
    how(body)
    sound.records[sound.records.index(record)] = replace(record, value=json.dumps(body))


def without(sound: Sound, topic: str, n: int = 0) -> None:
    record = [each for each in sound.records if each.topic == topic][n]
    sound.records.remove(record)
