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
        """Byte-exact: header values as base64, since they need not be text.

        A name is most often text; one that is not (`shared.odd_names`) is a list with its base64.
        """
        return orjson.dumps(
            [
                [_name_to_json(name), None if value is None else _base64(value)]
                for name, value in self.headers
            ]
        ).decode()


def headers_from_json(text: str) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(
        (_name_from_json(name), None if value is None else base64.b64decode(value))
        for name, value in orjson.loads(text)
    )


def _name_to_json(name: str) -> str | list[str]:
    try:
        name.encode()
    except UnicodeEncodeError:
        return [_base64(name.encode(errors="surrogateescape"))]
    return name


def _name_from_json(name: str | list[str]) -> str:
    if isinstance(name, str):
        return name
    return base64.b64decode(name[0]).decode(errors="surrogateescape")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
