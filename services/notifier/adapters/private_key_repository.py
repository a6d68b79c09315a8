"""The private halves of the sealing keys, closed with a key from the settings where one is given."""

from collections.abc import Collection
from typing import Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey

from services.notifier.adapters.published import Publishes
from services.notifier.domain.sealing_key import KeyPair, SealingKey, SealingKeyMade
from shared.ids import new_id
from shared.sql import Sql

CLOSED = {"alg": "dir", "enc": "A256GCM"}


class KeyUnreadable(Exception):
    """The database holds keys that were closed with another secret, or with one at all."""


def generate_key() -> KeyPair:
    """A fresh X25519 pair."""
    kid = new_id("seal")
    key = OKPKey.generate_key("X25519", {"kid": kid, "use": "enc"})
    return KeyPair(kid, dict(key.as_dict(private=False)), dict(key.as_dict(private=True)))


class PrivateKeyRepository:
    """`secret`: 32 bytes, or None, and then the database alone guards the keys."""

    def __init__(self, sql: Sql, publish: Publishes, secret: bytes | None) -> None:
        self._sql = sql
        self._publish = publish
        self._secret = OctKey.import_key(secret) if secret else None

    async def all_locked(self) -> list[SealingKey]:
        await self._sql.execute("lock table private_sealing_keys in share row exclusive mode")
        rows = await self._sql.fetch("select * from private_sealing_keys order by created_at")
        return [self._from_row(row) for row in rows]

    async def of(self, kids: Collection[str]) -> dict[str, SealingKey]:
        if not kids:
            return {}
        rows = await self._sql.fetch(
            "select * from private_sealing_keys where kid = any($1::text[])", list(kids)
        )
        return {row["kid"]: self._from_row(row) for row in rows}

    async def add(self, made: SealingKeyMade) -> None:
        key = made.key
        await self._sql.execute(
            """
            insert into private_sealing_keys(kid, public_jwk, private_jwk, created_at, expires_at)
            values ($1, $2, $3, $4, $5)""",
            key.kid,
            orjson.dumps(key.public).decode(),
            self._close(orjson.dumps(key.private)),
            key.created_at,
            key.expires_at,
        )
        await self._publish.sealing_key(made)

    async def destroy(self, kids: Collection[str]) -> None:
        if kids:
            await self._sql.execute(
                "delete from private_sealing_keys where kid = any($1::text[])", list(kids)
            )

    def _from_row(self, row: Any) -> SealingKey:
        return SealingKey(
            row["kid"],
            orjson.loads(row["public_jwk"]),
            self._open(row["private_jwk"]),
            row["created_at"],
            row["expires_at"],
        )

    def _close(self, private: bytes) -> str:
        if self._secret is None:
            return private.decode()
        return jwe.encrypt_compact(CLOSED, private, self._secret, algorithms=list(CLOSED.values()))

    def _open(self, stored: str) -> dict[str, Any]:
        if stored.startswith("{"):
            found: dict[str, Any] = orjson.loads(stored)
            return found
        if self._secret is None:
            raise KeyUnreadable("set PERENNIAL_NOTIFIER__SEALING_KEY_SECRET: the keys are closed")
        try:
            opened = jwe.decrypt_compact(stored, self._secret, algorithms=list(CLOSED.values()))
        except JoseError:
            raise KeyUnreadable("the sealing keys were closed with another secret") from None
        private: dict[str, Any] = orjson.loads(opened.plaintext or b"{}")
        return private
