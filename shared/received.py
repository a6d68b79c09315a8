"""From a Kafka record to a checked event, or to the reason why it is none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, NoReturn, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from pydantic import ValidationError

from shared.contracts.event import EventContract, Message
from shared.inbox import Arrival
from shared.origin import Origin
from shared.record import Record

E_co = TypeVar("E_co", bound=Message, covariant=True)
MAX_BODY = 256 * 1024
MAX_OWN_BODY = 1024 * 1024
MAX_DEPTH = 20
MAX_HEADERS = 200
MAX_TEXT = 1000
MAX_ID = 200
UUID_LENGTH = 36
_ESCAPED_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Reason(StrEnum):
    """Why a record is among the dead letters; the list is closed."""

    TOMBSTONE = "tombstone"
    TOO_LARGE = "too_large"
    NO_ID = "no_id"
    BAD_HEADER = "bad_header"
    AMBIGUOUS_HEADER = "ambiguous_header"
    TOO_MANY_HEADERS = "too_many_headers"
    WRONG_TYPE = "wrong_type"
    WRONG_VERSION = "wrong_version"
    BAD_CONTENT_TYPE = "bad_content_type"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    INVALID_BODY = "invalid_body"
    UNKNOWN_SOURCE = "unknown_source"
    BAD_SIGNATURE = "bad_signature"
    ID_REUSED = "id_reused"
    CHECKOUT_REUSED = "checkout_reused"
    UNREADABLE = "unreadable"
    EXHAUSTED = "exhausted"


class Malformed(Exception):
    """A record that no handler can read."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Received(Generic[E_co]):
    """An event with all that its consequences must know of it.

    `id` is unique within the topic; `at` is the publisher's time (`ce_time`); `origin` names this
    event as the cause; `source` is who says that it published it.
    """

    record: Record
    id: UUID
    event: E_co
    origin: Origin
    source: str
    at: datetime | None
    signature: str | None = None

    @property
    def arrival(self) -> Arrival:
        return Arrival.of(self.record, self.id)


READ = frozenset(
    {
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_specversion",
        "ce_dataschema",
        "ce_actor",
        "ce_correlationid",
        "ce_signature",
        "content-type",
        "traceparent",
    }
)


def receive(record: Record, contracts: Mapping[str, type[Message]]) -> Received[Any]:
    """A header that we do not read may hold anything; one that we read must be text, once.

    Raises:
        Malformed: nothing to handle; the record belongs among the dead letters.
    """
    contract = contracts[record.topic]
    ours = issubclass(contract, EventContract)
    value = _value(record, MAX_OWN_BODY if ours else MAX_BODY)
    headers = _headers(record)
    headers, body = (headers, value) if ours else _from_outside(value, headers)
    _check(headers, contract)
    try:
        event = contract.model_validate_json(body)
    except ValidationError as error:
        raise Malformed(Reason.INVALID_BODY, _named(error)) from None
    source = headers.get("ce_source", "")
    event_id = _identify(headers, source)
    cause = str(event_id)
    return Received(
        record,
        event_id,
        event,
        Origin(
            headers.get("ce_actor") or f"upstream:{source}",
            cause,
            headers.get("ce_correlationid") or cause,
            headers.get("traceparent"),
        ),
        source,
        _time(headers.get("ce_time")),
        headers.get("ce_signature"),
    )


def _value(record: Record, limit: int) -> bytes:
    if record.value is None:
        raise Malformed(Reason.TOMBSTONE)
    if len(record.value) > limit:
        raise Malformed(Reason.TOO_LARGE, f"{len(record.value)} bytes, at most {limit}")
    return record.value


def _headers(record: Record) -> dict[str, str]:
    if len(record.headers) > MAX_HEADERS:
        raise Malformed(Reason.TOO_MANY_HEADERS, f"{len(record.headers)}, at most {MAX_HEADERS}")
    found: dict[str, str] = {}
    for name, value in record.headers:
        if name not in READ:
            continue
        if name in found:
            raise Malformed(Reason.AMBIGUOUS_HEADER, f"{name} stands twice")
        if value is None:
            raise Malformed(Reason.BAD_HEADER, f"{name} is null")
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise Malformed(Reason.BAD_HEADER, f"{name} is not UTF-8") from None
        # A null character is one byte in UTF-8, and a text has no more letters than bytes.
        if len(value) > MAX_TEXT or b"\x00" in value:
            text = _storable(name, text)
        found[name] = text
    return found


def _storable(name: str, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Malformed(Reason.BAD_HEADER, f"{name} is longer than {MAX_TEXT}")
    if "\x00" in text:
        raise Malformed(Reason.BAD_HEADER, f"{name} holds a null character")
    return text


def _check(headers: dict[str, str], contract: type[Message]) -> None:
    if headers.get("ce_type", contract.type) != contract.type:
        raise Malformed(Reason.WRONG_TYPE, f"ce_type is not {contract.type}")
    if headers.get("ce_specversion", "1.0") != "1.0":
        raise Malformed(Reason.WRONG_VERSION, "ce_specversion is not 1.0")
    schema = f"{contract.type}/{contract.schema_version}"
    if headers.get("ce_dataschema", schema) != schema:
        raise Malformed(Reason.WRONG_VERSION, f"ce_dataschema is not {schema}")
    media = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if media not in {"application/json", "application/cloudevents+json"}:
        raise Malformed(Reason.BAD_CONTENT_TYPE, "content-type is not application/json")


def _identify(headers: dict[str, str], source: str) -> UUID:
    """Upstream ids need not be UUIDs: any text names the event together with its source."""
    text = headers.get("ce_id", "")
    if not text.strip() or len(text) > MAX_ID:
        raise Malformed(Reason.NO_ID, "ce_id is missing, empty or too long")
    if len(text) == UUID_LENGTH:
        try:
            return UUID(text)
        except ValueError:
            pass
    return uuid5(NAMESPACE_URL, f"{source} {text}")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise Malformed(Reason.BAD_HEADER, "ce_time names no offset from UTC")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(Reason.BAD_HEADER, "ce_time is not RFC 3339") from None


def _from_outside(value: bytes, headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    """Binary mode as it is; structured mode (one line of JSON will do) taken apart.

    Whoever sends it cannot say who acted: that is for our own services.
    """
    headers.pop("ce_actor", None)
    body = _strict_json(value)
    structured = headers.get("content-type", "").startswith("application/cloudevents+json")
    if not structured and ("ce_id" in headers or not isinstance(body, dict)):
        return headers, value
    if not isinstance(body, dict) or "specversion" not in body:
        return headers, value
    attributes = {
        f"ce_{name}": body[name]
        for name in ("id", "source", "type", "time", "specversion", "dataschema", "signature")
        if name in body
    }
    for name, attribute in attributes.items():
        if not isinstance(attribute, str):
            raise Malformed(Reason.BAD_HEADER, f"{name.removeprefix('ce_')} is not text")
        _storable(name.removeprefix("ce_"), attribute)
    return attributes, orjson.dumps(body.get("data"))


def _strict_json(value: bytes) -> Any:
    """JSON as its standard means it: no NaN, no key twice, no abyss, no lone surrogate."""
    _measure_depth(value)
    try:
        text = value.decode()
        body = json.loads(
            text, object_pairs_hook=_once_each, parse_constant=_refuse, parse_float=_finite
        )
        orjson.dumps(body)
    except Malformed:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError, TypeError) as error:
        raise Malformed(Reason.NOT_JSON, type(error).__name__) from None
    if _ESCAPED_NULL.search(value):
        raise Malformed(Reason.INVALID_BODY, "a text holds a null character, which cannot be kept")
    return body


def _measure_depth(value: bytes) -> None:
    """Brackets within texts count as well; no honest body comes near the limit."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for byte in value:
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
        elif byte in b"]}":
            depth -= 1


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise Malformed(Reason.NOT_JSON, "a name stands twice in one object")
    return body


def _refuse(constant: str) -> NoReturn:
    raise Malformed(Reason.NOT_JSON, f"{constant} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise Malformed(Reason.NOT_JSON, "a number is too large")
    return number


def _named(error: ValidationError) -> str:
    """Which fields are wrong and how; the values themselves may be secret or personal."""
    found = [
        f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(found[:10])
