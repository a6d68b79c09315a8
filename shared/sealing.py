"""Secrets on their way to the notifier: sealed to its key, so that no topic ever shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.consumer import Consumer
from shared.contracts.event import Sealed
from shared.contracts.notifier import SealingKeyPublished
from shared.received import Received
from shared.sql import Sql

ALGORITHM = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
ALLOWED = [ALGORITHM["alg"], ALGORITHM["enc"]]
Tx = TypeVar("Tx", bound=Any)


class SealBroken(Exception):
    """It cannot be opened: expired, of another key, or tampered with."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The public half (JWK, OKP X25519) of a key of the notifier."""

    kid: str
    jwk: Mapping[str, Any]
    expires_at: datetime


def seal(secret: Mapping[str, str], key: SealingKey, until: datetime) -> Sealed:
    """Whoever reads the topics sees only that there is a secret. It ends with `until` or the key."""
    recipient = OKPKey.import_key(dict(key.jwk))
    header = {**ALGORITHM, "kid": key.kid}
    token = jwe.encrypt_compact(header, orjson.dumps(dict(secret)), recipient, algorithms=ALLOWED)
    return Sealed(kid=key.kid, jwe=token, expires_at=min(until, key.expires_at))


def open_sealed(sealed: Sealed, private_jwk: Mapping[str, Any]) -> dict[str, str]:
    """
    Raises:
        SealBroken: the key does not fit, or the seal was tampered with.
    """
    try:
        key = OKPKey.import_key(dict(private_jwk))
        opened = jwe.decrypt_compact(sealed.jwe, key, algorithms=ALLOWED)
        if opened.plaintext is None:
            raise SealBroken("empty")
        secret: dict[str, str] = orjson.loads(opened.plaintext)
    except (JoseError, ValueError) as error:
        raise SealBroken(type(error).__name__) from None
    return secret


class SealingKeys:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def current(
        self, at: datetime, spare: timedelta = timedelta(days=1)
    ) -> SealingKey | None:
        """The key that lasts longest, if it lasts for `spare` yet. Keys live in real time."""
        row = await self._sql.fetchrow(
            "select * from sealing_keys where expires_at > $1 order by expires_at desc limit 1",
            at + spare,
        )
        if row is None:
            return None
        return SealingKey(row["kid"], orjson.loads(row["jwk"]), row["expires_at"])


def listen_for_sealing_keys(consumer: Consumer[Tx]) -> None:
    @consumer.on(SealingKeyPublished)
    async def remember_sealing_keys(
        received: Sequence[Received[SealingKeyPublished]], tx: Tx
    ) -> None:
        for each in received:
            key = each.event.sealing_key
            await tx.sql.execute(
                """
                insert into sealing_keys(kid, jwk, expires_at) values ($1, $2, $3)
                on conflict (kid) do nothing""",
                key.kid,
                orjson.dumps(key.jwk).decode(),
                key.expires_at,
            )
