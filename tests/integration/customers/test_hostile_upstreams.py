"""What cannot be believed or read: each ends as a dead letter with its reason, and stops nobody."""

import asyncio
import hmac
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import orjson
import pytest

from shared.record import Record
from tests.integration.customers.platform import SHOP, Customers, Header, Partner, a_checkout

TOPIC = "checkout.completed"
SOUND = orjson.dumps(a_checkout())
USUAL: tuple[Header, ...] = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"evt-1"),
    ("ce_source", SHOP.encode()),
    ("ce_type", TOPIC.encode()),
    ("content-type", b"application/json"),
)


def without(name: str) -> tuple[Header, ...]:
    return tuple(each for each in USUAL if each[0] != name)


def instead(name: str, value: bytes | None) -> tuple[Header, ...]:
    return (*without(name), (name, value))


def changed(**changes: Any) -> bytes:
    return orjson.dumps(a_checkout(**changes))


BODIES: list[tuple[str, bytes | None, str]] = [
    ("nothing", None, "tombstone"),
    ("empty", b"", "not_json"),
    ("null", b"null", "invalid_body"),
    ("text", b'"checkout"', "invalid_body"),
    ("number", b"4711", "invalid_body"),
    ("list", b"[" + SOUND + b"]", "invalid_body"),
    ("cut off", SOUND[:-1], "not_json"),
    ("two", SOUND + SOUND, "not_json"),
    ("byte order mark", b"\xef\xbb\xbf" + SOUND, "not_json"),
    ("latin", '{"checkout_id": "é"}'.encode("latin-1"), "not_json"),
    ("UTF-16", SOUND.decode().encode("utf-16"), "not_json"),
    ("NaN", SOUND.replace(b"1299", b"NaN"), "not_json"),
    ("infinity", SOUND.replace(b"1299", b"1e999"), "not_json"),
    ("fraction", SOUND.replace(b"1299", b"12.99"), "invalid_body"),
    ("text for a number", SOUND.replace(b"1299", b'"1299"'), "invalid_body"),
    ("beyond 64 bits", SOUND.replace(b"1299", b"9" * 40), "not_json"),
    ("more than anybody owns", SOUND.replace(b"1299", b"9" * 17), "invalid_body"),
    ("negative", SOUND.replace(b"1299", b"-1"), "invalid_body"),
    ("a name twice", SOUND[:-1] + b',"offer":"other"}', "not_json"),
    ("half a character", SOUND.replace(b"tv-basic", b"tv-\\ud800"), "not_json"),
    ("abyss", b'{"a":' * 30 + b"1" + b"}" * 30, "too_deep"),
    ("deeper abyss", b"[" * 100_000, "too_deep"),
    ("large", changed(metadata={"note": "x" * 300_000}), "too_large"),
    ("unknown field", changed(surprise=True), "invalid_body"),
    ("no customer", changed(customer=None), "invalid_body"),
    ("no offer", changed(offer=""), "invalid_body"),
    ("currency code as a number", changed(currency=978), "invalid_body"),
    ("currency in small letters", changed(currency="eur"), "invalid_body"),
    ("unknown status", changed(payment={"status": "promised"}), "invalid_body"),
    ("51 items", changed(items=[{"product": str(n)} for n in range(51)]), "invalid_body"),
    ("NUL in the id", changed(checkout_id="shop\x00-1"), "invalid_body"),
    ("line break in the id", changed(checkout_id="shop\n-1"), "invalid_body"),
    ("long id", changed(checkout_id="x" * 201), "invalid_body"),
]


@pytest.mark.parametrize(
    ("body", "reason"), [each[1:] for each in BODIES], ids=[each[0] for each in BODIES]
)
async def test_an_unreadable_body_is_a_dead_letter(
    shop: Customers, body: bytes | None, reason: str
) -> None:
    await shop.deliver(shop.raw(TOPIC, b"k", body, USUAL), shop.record(a_checkout("sound")))

    assert await shop.letters() == [("dead", reason)]
    [kept] = await shop.rows("select value, key, topic from parked")
    assert (kept["value"], kept["key"], kept["topic"]) == (body, b"k", TOPIC)
    assert await shop.said("checkout.accepted") == ["checkout.accepted"]
    assert await shop.said("checkout.rejected") == []


HEADERS: list[tuple[str, Sequence[Header], str]] = [
    ("none", (), "no_id"),
    ("no id", without("ce_id"), "no_id"),
    ("empty id", instead("ce_id", b" "), "no_id"),
    ("long id", instead("ce_id", b"x" * 201), "no_id"),
    ("endless id", instead("ce_id", b"x" * 10_000), "bad_header"),
    ("null id", instead("ce_id", None), "bad_header"),
    ("id not UTF-8", instead("ce_id", b"\xff"), "bad_header"),
    ("two ids", (*USUAL, ("ce_id", b"evt-2")), "ambiguous_header"),
    ("other type", instead("ce_type", b"checkout.imagined"), "wrong_type"),
    ("other version", instead("ce_specversion", b"0.3"), "wrong_version"),
    ("other schema", (*USUAL, ("ce_dataschema", b"checkout.completed/9")), "wrong_version"),
    ("not JSON", instead("content-type", b"text/csv"), "bad_content_type"),
    ("no time", (*USUAL, ("ce_time", b"yesterday")), "bad_header"),
    ("no offset", (*USUAL, ("ce_time", b"2027-01-01T00:00:00")), "bad_header"),
    ("no source", without("ce_source"), "unknown_source"),
    ("a stranger", instead("ce_source", b"https://evil.example"), "unknown_source"),
    ("NUL in the source", instead("ce_source", b"shop\x00"), "bad_header"),
    ("NUL in the correlation", (*USUAL, ("ce_correlationid", b"a\x00b")), "bad_header"),
    ("endless correlation", (*USUAL, ("ce_correlationid", b"x" * 100_000)), "bad_header"),
    ("ourselves", instead("ce_source", b"/perennial/customers"), "unknown_source"),
    ("10,000 headers", (*USUAL, *((f"x{n}", b"") for n in range(10_000))), "too_many_headers"),
]


@pytest.mark.parametrize(
    ("headers", "reason"), [each[1:] for each in HEADERS], ids=[each[0] for each in HEADERS]
)
async def test_wrong_headers_are_a_dead_letter(
    shop: Customers, headers: Sequence[Header], reason: str
) -> None:
    await shop.deliver(shop.raw(TOPIC, None, SOUND, headers), shop.record(a_checkout("sound")))

    assert await shop.letters() == [("dead", reason)]
    assert await shop.said("checkout.accepted") == ["checkout.accepted"]


ODD: list[tuple[str, Sequence[Header], bytes | None]] = [
    ("no key", USUAL, None),
    ("empty key", USUAL, b""),
    ("key of somebody else", USUAL, b"sub_1"),
    ("key not UTF-8", USUAL, b"\xff\xfe"),
    ("endless key", USUAL, b"k" * 65_536),
    ("unknown headers", (*USUAL, ("", b""), ("x", None), ("reply_to", b"evil")), None),
    ("claims to be an operator", (*USUAL, ("ce_actor", b"operator:op_1")), None),
    ("claims a partner", (*USUAL, ("ce_partnerid", b"ptn_other")), None),
    ("odd correlation", (*USUAL, ("ce_correlationid", b"a\x01b")), None),
    ("long correlation", (*USUAL, ("ce_correlationid", b"x" * 900)), None),
    ("odd trace", (*USUAL, ("traceparent", b"00-\x01")), None),
    ("the year 9999", (*USUAL, ("ce_time", b"9999-12-31T23:59:59Z")), None),
    ("the year 1", (*USUAL, ("ce_time", b"0001-01-02T00:00:00Z")), None),
]


@pytest.mark.parametrize(
    ("headers", "key"), [each[1:] for each in ODD], ids=[each[0] for each in ODD]
)
async def test_what_is_merely_odd_does_no_harm(
    shop: Customers, partner: Partner, headers: Sequence[Header], key: bytes | None
) -> None:
    await shop.deliver(shop.raw(TOPIC, key, SOUND, headers))

    [accepted] = await shop.outbox("checkout.accepted")
    assert accepted["ce"]["ce_actor"].startswith("upstream:src_")
    assert accepted["ce"]["ce_partnerid"] == partner.id
    assert len(accepted["ce"]["ce_correlationid"]) <= 200
    assert "traceparent" not in accepted["ce"]


def signed(key: str, body: bytes) -> bytes:
    return hmac.new(key.encode(), body, sha256).hexdigest().encode()


@pytest.fixture
async def signing_key(customers: Customers, partner: Partner) -> str:
    made = await customers.shop(partner, "urn:signed", signing_key=True)
    key: str = made["signing_key"]
    return key


def from_signed(customers: Customers, body: Any, *headers: Header) -> Record:
    return customers.record(body, source="urn:signed", headers=headers)


async def test_a_signed_checkout_is_believed(shop: Customers, signing_key: str) -> None:
    await shop.deliver(
        from_signed(shop, SOUND, ("ce_signature", signed(signing_key, SOUND))),
        from_signed(shop, changed(checkout_id="2"), ("ce_signature", b"0" * 64)),
    )

    assert await shop.said("checkout.accepted") == ["checkout.accepted"]
    assert await shop.letters() == [("dead", "bad_signature")]


@pytest.mark.parametrize(
    "forge",
    [
        lambda key: signed(key + "x", SOUND),
        lambda key: signed(key, SOUND + b" "),
        lambda key: signed(key, SOUND)[:-1],
        lambda key: b"sha256=" + signed(key, SOUND),
        lambda key: key[:0].encode(),
        lambda key: f"é{key}".encode(),
        lambda key: key.encode(),
    ],
)
async def test_a_forged_signature_is_a_dead_letter(
    shop: Customers, signing_key: str, forge: Callable[[str], bytes]
) -> None:
    await shop.deliver(from_signed(shop, SOUND, ("ce_signature", forge(signing_key))))

    assert await shop.letters() == [("dead", "bad_signature")]
    assert await shop.said("checkout.accepted") == []


async def test_an_unsigned_checkout_of_a_signing_source_is_a_dead_letter(
    shop: Customers, signing_key: str
) -> None:
    del signing_key
    await shop.deliver(from_signed(shop, SOUND))

    assert await shop.letters() == [("dead", "bad_signature")]


def structured(data: dict[str, Any], **attributes: str) -> bytes:
    event = {"specversion": "1.0", "id": "evt-s", "source": "urn:signed", "type": TOPIC}
    return json.dumps({**event, **attributes, "data": data}, indent=2).encode()


async def test_a_structured_event_is_signed_over_its_data_in_canonical_form(
    shop: Customers, signing_key: str
) -> None:
    data = a_checkout(metadata={"b": "ü", "a": "1"})
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    right = signed(signing_key, canonical.encode()).decode()
    wrong = signed(signing_key, json.dumps(data).encode()).decode()

    await shop.deliver(
        shop.raw(TOPIC, None, structured(data, signature=right), ()),
        shop.raw(TOPIC, None, structured(data, id="evt-t", signature=wrong), ()),
        shop.raw(TOPIC, None, structured(data, id="evt-u"), ()),
    )

    assert await shop.said("checkout.accepted") == ["checkout.accepted"]
    assert await shop.letters() == [("dead", "bad_signature")] * 2


async def test_a_signature_can_be_made_with_openssl(shop: Customers, signing_key: str) -> None:
    openssl = await asyncio.create_subprocess_exec(
        *("openssl", "dgst", "-sha256", "-hmac", signing_key, "-r"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await openssl.communicate(SOUND)
    signature = printed.split()[0]

    await shop.deliver(from_signed(shop, SOUND, ("ce_signature", signature)))

    assert await shop.said("checkout.accepted") == ["checkout.accepted"]


async def test_a_thousand_hostile_records_in_one_poll_hold_nobody_up(shop: Customers) -> None:
    hostile = [
        shop.raw(TOPIC, key, body, headers)
        for key in (None, b"", b"\xff")
        for _, body, _ in BODIES
        for _, headers, _ in HEADERS[:12]
    ]

    await shop.deliver(*hostile, shop.record(a_checkout("sound")))

    letters = await shop.letters()
    assert len(letters) == len(hostile)
    assert {state for state, _ in letters} == {"dead"}
    assert await shop.said("checkout.accepted") == ["checkout.accepted"]
