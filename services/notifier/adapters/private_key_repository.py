"""The only SQL on the private halves of the sealing keys, which are closed there."""

from collections.abc import Collection
from typing import Any

import orjson
from joserfc.jwk import OKPKey

from services.notifier.adapters.published import Publishes
from services.notifier.domain.sealing_key import KeyPair, SealingKey, SealingKeyMade
from shared.closed_secrets import Lock
from shared.ids import new_id
from shared.sql import Sql


def generate_key() -> KeyPair:
    """A fresh X25519 pair."""
    kid = new_id("seal")
    key = OKPKey.generate_key("X25519", {"kid": kid, "use": "enc"})
    return KeyPair(kid, dict(key.as_dict(private=False)), dict(key.as_dict(private=True)))


class PrivateKeyRepository:
    def __init__(self, sql: Sql, publish: Publishes, lock: Lock) -> None:
        self._sql = sql
        self._publish = publish
        self._lock = lock

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
            self._lock.close(orjson.dumps(key.private).decode()),
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
            orjson.loads(self._lock.open(row["private_jwk"])),
            row["created_at"],
            row["expires_at"],
        )
