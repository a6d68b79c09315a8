from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from services.customers.domain.api_key import (
    ApiKey,
    ApiKeyChange,
    ApiKeyChanged,
    ApiKeyId,
    ApiKeyKey,
    new_secret,
)
from services.customers.domain.operator import WeakPassword, require_strong
from services.customers.domain.scopes import ScopeBeyondYours, UnknownScope, require_grantable
from services.customers.domain.signing_key import SigningKey, signer
from services.customers.domain.source import InvalidSource, Source, SourceId, require_source_uri
from services.customers.domain.throttle import Allowance, Bucket
from shared.ids import PartnerId
from tests.unit.customers.stories import ACME, NOW

KEY = ApiKeyKey(ACME, ApiKeyId("key_1"))
SIX = Allowance(6, timedelta(seconds=30))


def test_a_secret_tells_live_from_test_and_never_repeats() -> None:
    live = {new_secret(ACME) for _ in range(100)}

    assert len(live) == 100
    assert all(secret.startswith("sk_live_") for secret in live)
    assert new_secret(PartnerId("ptn_test_acme")).startswith("sk_test_")


def test_an_issued_key_is_known_by_its_hash_alone() -> None:
    api_key, events = ApiKey.issue(KEY, "sk_live_secret", frozenset({"b:read", "a:read"}), NOW)

    assert events == [ApiKeyChanged(api_key, ApiKeyChange.ISSUED, NOW)]
    assert api_key.hash == sha256(b"sk_live_secret").hexdigest()
    assert (api_key.scopes, api_key.hint) == (("a:read", "b:read"), "cret")
    assert "secret" not in repr(replace(api_key, hint=""))


def test_revoking_twice_says_nothing_new() -> None:
    api_key, _ = ApiKey.issue(KEY, "sk_live_secret", frozenset({"*"}), NOW)

    first, second = api_key.revoke(NOW), api_key.revoke(NOW)

    assert (first, second) == ([ApiKeyChanged(api_key, ApiKeyChange.REVOKED, NOW)], [])


@pytest.mark.parametrize("scope", ["", "everything", "Subscriptions:write", "a:admin", "a:read "])
def test_what_is_no_scope_is_refused(scope: str) -> None:
    with pytest.raises(UnknownScope):
        require_grantable({scope}, {"*"})


def test_nobody_grants_more_than_he_has() -> None:
    require_grantable({"customers:read"}, {"customers:read", "api_keys:write"})
    require_grantable({"customers:read", "*"}, {"*"})

    with pytest.raises(ScopeBeyondYours):
        require_grantable({"*"}, {"customers:read"})


@pytest.mark.parametrize(
    "password",
    ["", "short", "password", "12345678", "aaaaaaaaaa", "adaokafor99", "x" * 257, "my okafor pass"],
)
def test_what_anybody_would_guess_is_no_password(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong(password, ("Ada", "Okafor", "ada.okafor"))

    assert refused.value.field == "password"
    assert "okafor" not in str(refused.value)


def test_a_long_password_of_any_characters_will_do() -> None:
    require_strong("correct horse battery staple", ("Ada", "Okafor"))
    require_strong("пароль из слов", ("Ada",))


def a_source(key: str | None) -> Source:
    return Source(
        id=SourceId("src_1"),
        partner_id=ACME,
        uri="https://shop.example",
        trusted_for_prices=False,
        signing_key=key,
        created_at=NOW,
    )


def test_a_source_with_a_key_vouches_only_with_the_right_signature() -> None:
    source = a_source("key")
    right = "6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a"

    assert source.vouches_for(b"message", right)
    assert source.vouches_for(b"message", right.upper())
    assert not source.vouches_for(b"massage", right)
    assert not source.vouches_for(b"message", None)
    assert not source.vouches_for(b"message", "")
    assert not source.vouches_for(b"message", "é" + right)


def test_every_flipped_bit_of_a_signature_is_seen() -> None:
    source = a_source("key")
    right = bytes.fromhex("6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a")

    for bit in range(len(right) * 8):
        wrong = bytearray(right)
        wrong[bit // 8] ^= 1 << bit % 8
        assert not source.vouches_for(b"message", wrong.hex())


def test_a_source_without_a_key_is_believed() -> None:
    assert a_source(None).vouches_for(b"message", None)


@pytest.mark.parametrize("uri", ["https://shop.example/checkout", "urn:shop:1", "shop-7", "/shop"])
def test_a_source_is_named_by_a_uri(uri: str) -> None:
    require_source_uri(uri)


@pytest.mark.parametrize(
    "uri", ["", " ", "a b", "a\nb", "a\x00", "é", "/perennial/billing", "x" * 201]
)
def test_a_source_is_not_named_by_anything_else(uri: str) -> None:
    with pytest.raises(InvalidSource):
        require_source_uri(uri)


def test_a_bucket_gives_its_burst_then_one_at_a_time() -> None:
    bucket: Bucket | None = Bucket.full(SIX, NOW)

    taken = 0
    while bucket is not None and (bucket := bucket.take()) is not None:
        taken += 1

    empty = Bucket(0, NOW)
    assert taken == 6
    assert empty.wait(SIX) == timedelta(seconds=30)
    assert empty.filled(SIX, NOW + timedelta(seconds=29)).take() is None
    assert empty.filled(SIX, NOW + timedelta(seconds=30)).take() is not None
    assert empty.filled(SIX, NOW + timedelta(days=1)).left == 6


def test_a_bucket_does_not_empty_when_the_clock_goes_back() -> None:
    assert Bucket(3, NOW).filled(SIX, NOW - timedelta(hours=1)) == Bucket(3, NOW)


def a_key(kid: str, days_old: float) -> SigningKey:
    return SigningKey(kid=kid, private={}, public={}, created_at=NOW - timedelta(days=days_old))


def test_the_newest_key_that_everybody_knows_signs() -> None:
    old, fresh = a_key("old", 7), a_key("fresh", 0)

    assert signer([fresh, old], NOW) == old
    assert signer([fresh, old], NOW + timedelta(minutes=1)) == fresh
    assert signer([fresh], NOW) == fresh
    assert signer([a_key("expired", 8)], NOW) is None
    assert signer([], NOW) is None
