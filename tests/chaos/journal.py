"""What the client and the disturber did, line by line, as they saw it themselves."""

import threading
from pathlib import Path
from typing import Any

import orjson

from shared.clock import system_now


class Journal:
    """Several threads write to it; a line is whole or not there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, kind: str, **facts: Any) -> None:
        line = orjson.dumps({"kind": kind, "at": system_now(), **facts})
        with self._lock:
            self._file.write(line + b"\n")

    def close(self) -> None:
        self._file.close()
