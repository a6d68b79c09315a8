"""Secrets at rest: closed with a key from the settings, so that a copy of a database opens none."""

import base64
import binascii
from typing import Annotated

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import AfterValidator, SecretStr

SECRET_BYTES = 32
HEADER = {"alg": "dir", "enc": "A256GCM"}
ALLOWED = list(HEADER.values())
# How the header of every closed text begins in base64: `{"`. No key or JWK of ours begins so.
CLOSED = "eyJ"


class SecretUnreadable(Exception):
    """The database holds secrets that were closed with another key, or with one at all."""


class Lock:
    """`key` comes from `setting`; without one the database alone guards what is given to close."""

    def __init__(self, key: bytes | None, setting: str) -> None:
        self._key = OctKey.import_key(key) if key else None
        self._setting = setting

    def close(self, plain: str) -> str:
        if self._key is None:
            return plain
        return jwe.encrypt_compact(HEADER, plain.encode(), self._key, algorithms=ALLOWED)

    def open(self, stored: str) -> str:
        """What was stored before there was a key is returned as it is.

        Raises:
            SecretUnreadable: the key is missing or not the one.
        """
        if not stored.startswith(CLOSED):
            return stored
        if self._key is None:
            raise SecretUnreadable(f"set {self._setting}: the secrets in the database are closed")
        try:
            opened = jwe.decrypt_compact(stored, self._key, algorithms=ALLOWED)
        except (JoseError, ValueError):
            raise SecretUnreadable(
                f"the secrets in the database were closed with another {self._setting}"
            ) from None
        return (opened.plaintext or b"").decode()

    def leaves_open(self, stored: str) -> bool:
        """Whether it should be closed and is not yet."""
        return self._key is not None and not stored.startswith(CLOSED)


def key_of(given: SecretStr | None) -> bytes | None:
    return None if given is None else _decoded(given)


def _checked(given: SecretStr) -> SecretStr:
    _decoded(given)
    return given


def _decoded(given: SecretStr) -> bytes:
    try:
        key = base64.b64decode(given.get_secret_value(), validate=True)
    except binascii.Error:
        raise ValueError("give 32 random bytes in base64") from None
    if len(key) != SECRET_BYTES:
        raise ValueError("give exactly 32 random bytes, in base64")
    return key


ClosingKey = Annotated[SecretStr, AfterValidator(_checked)]
