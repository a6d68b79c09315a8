"""What systems that we do not write may send us, and what we make of it."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.event import CONTRACTS
from shared.contracts.notifier import SealingKeyPublished
from shared.contracts.upstream import CheckoutCompleted
from shared.malformed import Malformed, Reason
from shared.received import MAX_BODY, MAX_TEXT, Received, receive
from shared.record import Record

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CHECKOUT = {
    "checkout_id": "order 1001",
    "customer": {"name": "Ada", "email": "ada@example.com"},
    "offer": "hosting",
    "currency": "EUR",
    "payment": {"status": "none"},
}
BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"order 1001"),
    ("ce_source", b"/shop"),
    ("ce_type", b"checkout.completed"),
    ("content-type", b"application/json"),
)


def a_record(value: bytes = orjson.dumps(CHECKOUT), **headers: bytes | None) -> Record:
    """`headers` replace those of binary mode, or come on top; None leaves one out."""
    told = dict(BINARY) | {
        name.replace("content_type", "content-type"): headers[name] for name in headers
    }
    pairs = tuple((name, value) for name, value in told.items() if value is not None)
    return Record(CheckoutCompleted.type, 0, 0, b"key", value, pairs)


def a_cloud_event() -> CloudEvent:
    return CloudEvent(
        {
            "type": "checkout.completed",
            "source": "/shop",
            "id": "order 1001",
            "time": NOON,
            "datacontenttype": "application/json",
        },
        CHECKOUT,
    )


def as_record(message: KafkaMessage) -> Record:
    return Record(
        CheckoutCompleted.type, 0, 0, b"key", message.value, tuple(message.headers.items())
    )


def told(record: Record) -> Received[CheckoutCompleted]:
    return receive(record, CONTRACTS)


def refused(record: Record) -> tuple[Reason, str]:
    with pytest.raises(Malformed) as caught:
        receive(record, CONTRACTS)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize("mode", [to_binary, to_structured])
def test_a_cloud_event_of_another_sdk_is_understood_in_both_modes(mode: object) -> None:
    assert callable(mode)

    received = told(as_record(mode(a_cloud_event(), JSONFormat())))

    assert received.event == CheckoutCompleted.model_validate(CHECKOUT)
    assert (received.source, received.at) == ("/shop", NOON)
    assert received.id == told(a_record()).id


def test_an_event_on_one_line_needs_no_headers_at_all() -> None:
    line = orjson.dumps(
        {
            "specversion": "1.0",
            "id": "order 1001",
            "source": "/shop",
            "type": "checkout.completed",
            "data": CHECKOUT,
        }
    )

    received = told(replace(a_record(line), headers=()))

    assert received.event == told(a_record()).event
    assert received.id == told(a_record()).id


def test_nobody_outside_can_say_who_acted() -> None:
    received = told(a_record(ce_actor=b"operator:opr_1"))

    assert received.origin.actor == "upstream:/shop"


def test_the_same_id_of_two_sources_names_two_events() -> None:
    assert told(a_record()).id != told(a_record(ce_source=b"/other shop")).id


def test_headers_that_nobody_reads_may_hold_anything() -> None:
    odd = ("x-null", None), ("x-odd", b"\xff\xfe"), ("", b""), ("x-odd", b"again")
    record = replace(a_record(), headers=(*a_record().headers, *odd))

    assert told(record).event.checkout_id == "order 1001"


@pytest.mark.parametrize(
    "name", ["ce_id", "ce_source", "ce_correlationid", "ce_signature", "traceparent"]
)
@pytest.mark.parametrize("value", [b"\xff\xfe", b"with a null \x00", b"x" * (MAX_TEXT + 1)])
def test_a_header_that_is_read_must_be_text_that_can_be_kept(name: str, value: bytes) -> None:
    reason, detail = refused(a_record(**{name: value}))

    assert reason == Reason.BAD_HEADER
    assert name in detail


def test_an_attribute_of_structured_mode_must_be_text_that_can_be_kept() -> None:
    body = {"specversion": "1.0", "id": "1", "source": "x" * (MAX_TEXT + 1), "data": CHECKOUT}

    assert refused(replace(a_record(orjson.dumps(body)), headers=()))[0] == Reason.BAD_HEADER


@pytest.mark.parametrize("time", [b"noon", b"2026-01-01T12:00:00", b"0001-01-01T00:00:00+23:59"])
def test_a_time_must_be_one(time: bytes) -> None:
    assert refused(a_record(ce_time=time))[0] == Reason.BAD_HEADER


@pytest.mark.parametrize(
    "body",
    [
        CHECKOUT | {"offer": "with a null \x00"},
        CHECKOUT | {"metadata": {"with a null \x00": "x"}},
        CHECKOUT | {"items": [{"product": "a", "configuration": {"hosts": ["\x00"]}}]},
    ],
)
def test_a_text_that_no_database_keeps_is_refused_here(body: dict[str, object]) -> None:
    assert refused(a_record(orjson.dumps(body)))[0] == Reason.INVALID_BODY


def test_an_escaped_backslash_is_no_null_character() -> None:
    body = orjson.dumps(CHECKOUT | {"offer": "\\u0000"})

    assert told(a_record(body)).event.offer == "\\u0000"


def test_a_refusal_names_the_field_and_not_what_was_in_it() -> None:
    body = CHECKOUT | {"customer": {"name": "Ada", "email": ["ada@example.com"]}}

    reason, detail = refused(a_record(orjson.dumps(body)))

    assert reason == Reason.INVALID_BODY
    assert "customer.email" in detail
    assert "ada@" not in detail


def test_ours_may_be_larger_than_what_comes_from_outside() -> None:
    """What is allowed in becomes part of an event that says more."""
    large = {"settings": "x" * MAX_BODY}
    state = {
        "partner_id": "p",
        "version": 1,
        "kid": "k",
        "jwk": large,
        "expires_at": "2026-01-01T00:00:00Z",
    }
    change = {"kind": "made", "actor": "service", "at": "2026-01-01T00:00:00Z"}
    body = orjson.dumps({"sealing_key": state, "change": change})
    ours = Record(SealingKeyPublished.type, 0, 0, b"k", body, (("ce_id", b"1"),))

    assert receive(ours, CONTRACTS).event.sealing_key.jwk == large
    assert (
        refused(a_record(orjson.dumps(CHECKOUT | {"extra": "x" * MAX_BODY})))[0] == Reason.TOO_LARGE
    )
