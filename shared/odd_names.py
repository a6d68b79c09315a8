"""Lets aiokafka read records whose header names are not text; one of them would stop it for good.

To Kafka a name is bytes, and any client of one's own making can send some that are not UTF-8. The
client's reader then raises at that record again and again. `install` puts a reader in its place
that falls back, for such a batch only, to one that keeps those bytes as surrogates.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from typing_extensions import override

LENGTH = 4
BEFORE_BODY = 8 + LENGTH


def install() -> None:
    """For all consumers of this process; installing it twice changes nothing."""
    fetcher.MemoryRecords = _Records


class _Records:
    """What one partition gave in one fetch."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self._start = 0

    def size_in_bytes(self) -> int:
        size: int = self._records.size_in_bytes()
        return size

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch | None":
        batch = self._records.next_batch()
        if batch is None:
            return None
        start = self._start
        body = start + BEFORE_BODY
        self._start = body + int.from_bytes(self._data[body - LENGTH : body])
        return _Batch(batch, self._data[start : self._start])


class _Batch:
    def __init__(self, batch: Any, data: bytes) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except (UnicodeDecodeError, CorruptRecordException):
            yield from islice(_read_again(self._data), read, None)


def _read_again(data: bytes) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(data)
    records: Iterator[Any] = iter(batch)
    batch._buffer = _Names(batch._buffer)  # noqa: SLF001  it knows no other way to decode
    return records


class _Names(bytearray):
    """Its slices decode to text whatever they hold."""

    @override
    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Names(found) if isinstance(key, slice) else found

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return super().decode(encoding, "surrogateescape")
