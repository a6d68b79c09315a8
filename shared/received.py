"""From a Kafka record to a checked event, or to the reason why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from asyncpg.pgproto import pgproto
from pydantic import ValidationError

from shared.contracts.event import EventContract, Message
from shared.inbox import Arrival
from shared.malformed import Malformed, Reason
from shared.origin import Origin
from shared.record import Record
from shared.strict_json import strict_json

E_co = TypeVar("E_co", bound=Message, covariant=True)
MAX_BODY = 256 * 1024
MAX_OWN_BODY = 1024 * 1024
MAX_HEADERS = 200
MAX_TEXT = 1000
MAX_ID = 200
UUID_LENGTH = 36
JSON = "application/json"
CLOUDEVENTS_JSON = "application/cloudevents+json"


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
    """Those that we read. All at once, and one by one where something is the matter with one."""
    read = [each for each in record.headers if each[0] in READ]
    found = dict(read)
    if len(found) == len(read) and len(record.headers) <= MAX_HEADERS:
        try:
            together = b"".join(found.values())  # type: ignore[arg-type]  # a null is refused below
            if len(together) <= MAX_TEXT and b"\x00" not in together:
                return {name: value.decode() for name, value in found.items()}  # type: ignore[union-attr]
        except (TypeError, UnicodeDecodeError):
            pass
    return _headers_one_by_one(record)


def _headers_one_by_one(record: Record) -> dict[str, str]:
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
            found[name] = _storable(name, value.decode())
        except UnicodeDecodeError:
            raise Malformed(Reason.BAD_HEADER, f"{name} is not UTF-8") from None
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
    media = headers.get("content-type", JSON)
    if media != JSON and media.split(";")[0].strip().lower() not in {JSON, CLOUDEVENTS_JSON}:
        raise Malformed(Reason.BAD_CONTENT_TYPE, "content-type is not application/json")


def _identify(headers: dict[str, str], source: str) -> UUID:
    """Upstream ids need not be UUIDs: any text names the event together with its source."""
    text = headers.get("ce_id", "")
    if not text.strip() or len(text) > MAX_ID:
        raise Malformed(Reason.NO_ID, "ce_id is missing, empty or too long")
    if len(text) == UUID_LENGTH:
        try:
            # The driver's own: the same, and made and written in a tenth of the time.
            return pgproto.UUID(text)
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
    body = strict_json(value)
    structured = headers.get("content-type", "").startswith(CLOUDEVENTS_JSON)
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


def _named(error: ValidationError) -> str:
    """Which fields are wrong and how; the values themselves may be secret or personal."""
    found = [
        f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(found[:10])
