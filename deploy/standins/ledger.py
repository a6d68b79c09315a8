"""An append-only file of JSON lines: what it holds happened, and was written before it was told."""

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

Entry: TypeAlias = dict[str, Any]


class LedgerInUse(Exception):
    """Another process writes this ledger."""


class Ledger:
    """One process writes it; the lock falls with the process, however that ends."""

    def __init__(self, path: Path, *, fsync: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        self._fsync = fsync
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise LedgerInUse(
                f"another process keeps {path}; give this one a file of its own"
            ) from taken
        self.at_start = self._read()

    def append(self, entries: Iterable[Entry]) -> None:
        """When it returns, the system has them: killing this process no longer loses one."""
        self._file.write(b"".join(json.dumps(each).encode() + b"\n" for each in entries))
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())

    def _read(self) -> list[Entry]:
        self._file.seek(0)
        text = self._file.read()
        # Killed in the middle of a write: the last line was never answered, so it never was.
        whole = text[: text.rfind(b"\n") + 1]
        self._file.truncate(len(whole))
        return [json.loads(line) for line in whole.splitlines()]
