"""Prefixed, opaque identifiers: new ones sort by birth, derived ones are the same each time."""

import base64
import hashlib
import re
from functools import cache
from typing import Final, NewType

from uuid_utils import uuid7

PartnerId = NewType("PartnerId", str)

SANDBOX_PREFIX: Final = "ptn_test"

_SANDBOX: Final = f"{SANDBOX_PREFIX}_"
_LONGEST_PREFIX: Final = 13
_PREFIX: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Crockford's alphabet leaves out i, l, o and u; 26 letters hold 130 bits, so the first is 0 to 7.
_TAIL: Final = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_TAIL_LENGTH: Final = 26
_TO_CROCKFORD: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)


def new_id(prefix: str) -> str:
    """`sub_…` with 26 letters of a UUIDv7: ids made later by one process sort later."""
    return _spelled(prefix, uuid7().bytes)


def derived_id(prefix: str, *cause: str | int) -> str:
    """The id that this cause always gets, so that a replay makes no second thing.

    It looks like `new_id` and does not sort by time. `derived_id("a", "b", "c")` and
    `derived_id("a", "bc")` differ: the parts are hashed with their lengths.
    """
    if not cause:
        raise ValueError("a derived id needs a cause")
    digest = hashlib.sha256()
    for part in (prefix, *cause):
        text = str(part).encode()
        digest.update(len(text).to_bytes(8, "big") + text)
    return _spelled(prefix, digest.digest()[:16])


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the form of an id with exactly this prefix; no word on its existence."""
    head, _, tail = text.rpartition("_")
    return head == prefix and _TAIL.fullmatch(tail) is not None


def is_sandbox(partner_id: PartnerId) -> bool:
    """A sandbox partner's id says so itself, so no service has to ask another."""
    return partner_id.startswith(_SANDBOX)


def _spelled(prefix: str, sixteen_bytes: bytes) -> str:
    _require_prefix(prefix)
    # Base 32 takes groups of 5 bytes: 4 zero bytes in front make 32 letters, the last 26 count.
    letters = base64.b32encode(bytes(4) + sixteen_bytes)[-_TAIL_LENGTH:]
    return f"{prefix}_{letters.translate(_TO_CROCKFORD).decode()}"


@cache
def _require_prefix(prefix: str) -> None:
    if len(prefix) > _LONGEST_PREFIX or not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix of an id: {prefix!r}")
