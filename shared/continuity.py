"""Tells offsets that never held a record for us from records that vanished before we read them."""

from collections.abc import Iterable, Mapping

from aiokafka import ConsumerRecord, TopicPartition


class Lost(Exception):
    """Records were dropped unread; a person must look before anything goes on."""


def gaps(
    records: Iterable[ConsumerRecord], done: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """The places that go on behind the next offset that was expected, with that offset.

    It may be a compaction or another's transaction: only `require_kept` tells.
    """
    found: dict[TopicPartition, int] = {}
    seen: set[TopicPartition] = set()
    for each in records:
        place = TopicPartition(each.topic, each.partition)
        if place in seen:
            continue
        seen.add(place)
        expected = done.get(place)
        if expected is not None and each.offset > expected:
            found[place] = expected
    return found


def require_kept(
    wanted: Mapping[TopicPartition, int], starts: Mapping[TopicPartition, int]
) -> None:
    """
    Raises:
        Lost: the broker's first offset of a place (`starts`) is behind the one that is wanted.
    """
    for place, offset in wanted.items():
        if (start := starts.get(place, 0)) > offset:
            raise Lost(f"{place.topic}/{place.partition}: {offset} to {start - 1}")


class Marks:
    """Offsets that the client goes past and hands nothing on for: the marks of transactions."""

    def __init__(self) -> None:
        self._standing: dict[TopicPartition, tuple[int, int]] = {}

    def passed(
        self, positions: Mapping[TopicPartition, int], done: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Positions that stood ahead of what is done at the last look too, with nothing in hand."""
        ahead = {
            place: (done[place], position)
            for place, position in positions.items()
            if place in done and position > done[place]
        }
        same = {
            place: each[1] for place, each in ahead.items() if self._standing.get(place) == each
        }
        self._standing = ahead
        return same
