"""A Kafka record as bytes: nothing is decoded until somebody answers for the outcome."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

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

    @property
    def partner_id(self) -> str | None:
        """Whose event it is, where it says so; one of ours always does."""
        return self._text("ce_partnerid")

    @property
    def event_id(self) -> UUID | None:
        """As we name our own events; an upstream may use any text."""
        try:
            return UUID(self._text("ce_id") or "")
        except ValueError:
            return None

    def _text(self, wanted: str) -> str | None:
        for name, value in self.headers:
            if name == wanted and value is not None:
                return value.decode(errors="replace").replace("\x00", "")
        return None

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
