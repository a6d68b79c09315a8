"""A Kafka record as bytes: nothing is decoded until somebody answers for the outcome."""

import base64
from dataclasses import dataclass
from hashlib import sha256

import orjson


@dataclass(frozen=True, slots=True)
class Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def fingerprint(self) -> bytes:
        """Tells two records apart that bear one offset (a broker that has lost its memory)."""
        parts = (self.key or b"", self.value or b"", self.headers_json().encode())
        return sha256(b"\x00".join(parts)).digest()[:16]

    def headers_json(self) -> str:
        """Byte-exact: header values as base64, since they need not be text."""
        return orjson.dumps(
            [
                [name, None if value is None else base64.b64encode(value).decode()]
                for name, value in self.headers
            ]
        ).decode()


def headers_from_json(text: str) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(
        (name, None if value is None else base64.b64decode(value))
        for name, value in orjson.loads(text)
    )
