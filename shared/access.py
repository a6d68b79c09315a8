"""Proof of who is asking: API keys by their hash, actor tokens by their signature; no service asks
another, both arrive as events.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar

import orjson
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.caller import Caller
from shared.consumer import Consumer
from shared.contracts.customers import ApiKeyChanged, KeyPublished
from shared.errors import DomainError
from shared.ids import PartnerId, new_id
from shared.received import Received
from shared.sql import Sql

EVERYTHING = "*"


class HasSql(Protocol):
    @property
    def sql(self) -> Sql: ...


Tx = TypeVar("Tx", bound=Any)


class Unauthenticated(DomainError):
    """No credential, or one that proves nothing. The answer is the same for every reason."""

    code = "unauthenticated"


class Forbidden(DomainError):
    code = "forbidden"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a credential says, before the request's own key is added."""

    partner_id: PartnerId
    actor: str
    kind: Any
    scopes: frozenset[str]
    customer_id: str | None = None


class Access:
    """`live_now` (seconds since the epoch) is for the expiry of tokens: credentials of a sandbox
    expire in real time too.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractAsyncContextManager[HasSql]],
        live_now: Callable[[], float],
    ) -> None:
        self._begin = begin
        self._live_now = live_now

    def requires(self, *scopes: str) -> Callable[[Request], Awaitable[Caller]]:
        """A FastAPI dependency: the caller, who has every one of `scopes`."""

        async def authenticate(request: Request) -> Caller:
            proof = await self.prove(request.headers)
            missing = sorted(set(scopes) - proof.scopes)
            if missing and EVERYTHING not in proof.scopes:
                raise Forbidden(
                    f"this credential lacks the scope {missing[0]}",
                    way_out="use a key or an operator with that scope",
                )
            key = request.headers.get("idempotency-key") or new_id("req")
            return Caller(
                proof.partner_id, proof.actor, proof.kind, proof.scopes, key, proof.customer_id
            )

        return authenticate

    async def prove(self, headers: Mapping[str, str]) -> Proof:
        """
        Raises:
            Unauthenticated: nothing was proven.
        """
        kind, _, credential = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not credential:
            raise Unauthenticated(
                "no credential", way_out="send `Authorization: Bearer <API key or actor token>`"
            )
        async with self._begin() as tx:
            if credential.startswith("sk_"):
                return await _by_key(tx.sql, credential)
            return await _by_token(tx.sql, credential, self._live_now())


async def _by_key(sql: Sql, credential: str) -> Proof:
    row = await sql.fetchrow(
        "select id, partner_id, scopes from api_keys where hash = $1 and status = 'active'",
        sha256(credential.encode()).hexdigest(),
    )
    if row is None:
        raise Unauthenticated("unknown credential", way_out="use a key that is active")
    return Proof(PartnerId(row["partner_id"]), f"key:{row['id']}", "key", frozenset(row["scopes"]))


async def _by_token(sql: Sql, token: str, now: float) -> Proof:
    unknown = Unauthenticated("unknown credential", way_out="sign in again")
    kid = _kid(token)
    row = await sql.fetchrow(
        "select jwk from verifying_keys where kid = $1 and expires_at > $2",
        kid,
        datetime.fromtimestamp(now, UTC),
    )
    if row is None:
        raise unknown
    try:
        decoded = jwt.decode(
            token, OKPKey.import_key(orjson.loads(row["jwk"])), ["Ed25519", "EdDSA"]
        )
        claims = decoded.claims
        if float(claims["exp"]) <= now:
            raise unknown
        return Proof(
            PartnerId(claims["partner"]),
            claims["actor"],
            claims["kind"],
            frozenset(claims["scopes"]),
            claims.get("customer"),
        )
    except (JoseError, KeyError, ValueError, TypeError):
        raise unknown from None


def _kid(token: str) -> str | None:
    """Read from the unproven header: it only says which key to try."""
    try:
        part = token.split(".", maxsplit=1)[0]
        header = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        kid = header.get("kid")
        return kid if isinstance(kid, str) and kid.isprintable() else None
    except (ValueError, AttributeError):
        return None


def listen_for_keys(consumer: Consumer[Tx]) -> None:
    @consumer.on(ApiKeyChanged)
    async def remember_api_keys(received: Sequence[Received[ApiKeyChanged]], tx: Tx) -> None:
        latest = {each.event.api_key.id: each.event.api_key for each in received}
        for each in received:
            if each.event.api_key.version > latest[each.event.api_key.id].version:
                latest[each.event.api_key.id] = each.event.api_key
        keys = [latest[name] for name in sorted(latest)]
        for key in keys:
            await tx.sql.execute(
                """
                insert into api_keys as k (hash, id, partner_id, scopes, status, version)
                values ($1, $2, $3, $4::text[], $5, $6)
                on conflict (hash) do update
                set scopes = excluded.scopes, status = excluded.status, version = excluded.version
                where k.version < excluded.version""",
                key.hash,
                key.id,
                key.partner_id,
                key.scopes,
                key.status,
                key.version,
            )

    @consumer.on(KeyPublished)
    async def remember_verifying_keys(received: Sequence[Received[KeyPublished]], tx: Tx) -> None:
        for each in received:
            key = each.event.verifying_key
            await tx.sql.execute(
                """
                insert into verifying_keys(kid, jwk, expires_at) values ($1, $2, $3)
                on conflict (kid) do update set expires_at = excluded.expires_at""",
                key.kid,
                orjson.dumps(key.jwk).decode(),
                key.expires_at,
            )
