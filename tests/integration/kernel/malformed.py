"""300 kinds of records that no reader can make sense of: 20 bodies, each with 15 headers or keys."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson

from shared.contracts.upstream import CheckoutCompleted
from shared.record import Record

Pair = tuple[str, bytes | None]
GOOD: dict[str, Any] = {
    "checkout_id": "order 1001",
    "customer": {"name": "Ada", "email": "ada@example.com"},
    "offer": "hosting",
    "currency": "EUR",
    "payment": {"status": "none"},
}
TEXT = orjson.dumps(GOOD)
IN_ONE_LINE = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "checkout.completed"}


def changed(**fields: Any) -> bytes:
    return orjson.dumps(GOOD | fields)


BODIES: dict[str, bytes | None] = {
    "tombstone": None,
    "empty": b"",
    "not UTF-8": b'{"checkout_id": "\xff\xfe"}',
    "byte order mark": b"\xef\xbb\xbf" + TEXT,
    "cut short": TEXT[:-10],
    "array": b"[" + TEXT + b"]",
    "scalar": b"42",
    "not a number": TEXT[:-1] + b', "metadata": NaN}',
    "beyond all numbers": TEXT[:-1] + b', "metadata": 1e999}',
    "a name twice": TEXT[:-1] + b', "offer": "another"}',
    "10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "800,000 letters": changed(offer="x" * 800_000),
    "half a surrogate pair": TEXT[:-1] + b', "metadata": {"a": "\\ud800"}}',
    "wrong types": changed(customer=["Ada"], offer=7),
    "a field is missing": orjson.dumps({k: v for k, v in GOOD.items() if k != "offer"}),
    "unknown value": changed(payment={"status": "promised"}),
    "a number of 5,000 digits": TEXT[:-1] + b', "items": [{"quantity": ' + b"9" * 5000 + b"}]}",
    "a null character": changed(offer="hosting\x00"),
    "beyond its limits": changed(items=[{"product": "p"}] * 51),
    "another event in one line": orjson.dumps(
        {**IN_ONE_LINE, "type": "invoice.paid", "data": GOOD, "id": 7}
    ),
}
SOUND: tuple[Pair, ...] = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"order 1001"),
    ("ce_source", b"/shop"),
    ("ce_type", b"checkout.completed"),
    ("content-type", b"application/json"),
)


def with_header(name: str, value: bytes | None) -> tuple[Pair, ...]:
    """In the place of the sound one, or on top."""
    return (*(pair for pair in SOUND if pair[0] != name), (name, value))


HEADERS: dict[str, tuple[Pair, ...]] = {
    "null id": with_header("ce_id", None),
    "id not UTF-8": with_header("ce_id", b"\xff\xfe"),
    "no id": SOUND[:1] + SOUND[2:],
    "id twice": (*SOUND, ("ce_id", b"another")),
    "empty name": with_header("", b"\x00\xff"),
    "10,000 headers": (*SOUND, *((f"x-{n}", b"") for n in range(10_000))),
    "another content type": with_header("content-type", b"text/plain"),
    "an order to reply": with_header("reply_to", b"billing.commands"),
    "correlation not UTF-8": with_header("ce_correlationid", b"\xc3\x28"),
    "id nearly a UUID": with_header("ce_id", b"0190a5a5-zzzz-7000-8000-000000000000"),
}
KEYS: dict[str, bytes | None] = {
    "no key": None,
    "empty key": b"",
    "the key of a good one": b"order 7",
    "a key of 64 KiB": bytes(range(256)) * 256,
    "a key not UTF-8": b"\xff\xfe",
}


def all_kinds() -> Iterator[Record]:
    for value, headers in product(BODIES.values(), HEADERS.values()):
        yield Record(CheckoutCompleted.type, 0, 0, b"order 1001", value, headers)
    for value, key in product(BODIES.values(), KEYS.values()):
        yield Record(CheckoutCompleted.type, 0, 0, key, value, SOUND)


def a_good_one(n: int) -> Record:
    headers = with_header("ce_id", f"order {n}".encode())
    body = changed(checkout_id=f"order {n}")
    return Record(CheckoutCompleted.type, 0, 0, f"order {n % 10}".encode(), body, headers)
