"""The only SQL that writes credentials: API keys, operators, their attempts, signing keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from services.customers.adapters.published import key_published, to_contract
from services.customers.domain.api_key import (
    ApiKey,
    ApiKeyEvent,
    ApiKeyId,
    ApiKeyKey,
    ApiKeyNotFound,
    ApiKeyStatus,
)
from services.customers.domain.email import Email
from services.customers.domain.operator import Operator, OperatorEmailTaken, OperatorId
from services.customers.domain.signing_key import SigningKey
from services.customers.domain.throttle import Allowance, Bucket
from shared.closed_secrets import Lock
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql

_ONE_ROTATION_AT_A_TIME = 7_101


class ApiKeyRepository:
    """Writes the kernel's copy too, so that a key opens its own service's door at once."""

    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def get(self, key: ApiKeyKey) -> ApiKey:
        row = await self._sql.fetchrow(
            "select * from issued_keys where partner_id = $1 and id = $2 for update", *key
        )
        if row is None:
            raise ApiKeyNotFound(f"no API key {key.id}")
        return api_key_from_row(row)

    async def save(self, api_key: ApiKey, events: Sequence[ApiKeyEvent], origin: Origin) -> None:
        scopes = list(api_key.scopes)
        await self._sql.execute(
            """
            insert into issued_keys as k (id, partner_id, version, hash, hint, scopes, status,
                                          created_at)
            values ($1, $2, $3, $4, $5, $6::text[], $7, $8)
            on conflict (id) do update set version = $3, status = $7 where k.partner_id = $2""",
            api_key.id,
            api_key.partner_id,
            api_key.version,
            api_key.hash,
            api_key.hint,
            scopes,
            api_key.status,
            api_key.created_at,
        )
        await self._sql.execute(
            """
            insert into api_keys as k (hash, id, partner_id, scopes, status, version)
            values ($1, $2, $3, $4::text[], $5, $6)
            on conflict (hash) do update set status = $5, version = $6 where k.version < $6""",
            api_key.hash,
            api_key.id,
            api_key.partner_id,
            scopes,
            api_key.status,
            api_key.version,
        )
        await self._outbox.add(
            [Outgoing(to_contract(each, origin.actor), origin, each.at) for each in events]
        )


class OperatorRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def by_email(self, partner_id: PartnerId, email_key: str) -> Operator | None:
        row = await self._sql.fetchrow(
            "select * from operators where partner_id = $1 and email_key = $2",
            partner_id,
            email_key,
        )
        return None if row is None else _operator_from_row(row)

    async def add(self, operator: Operator) -> None:
        """The same request again finds its operator there and is content."""
        try:
            await self._sql.execute(
                """
                insert into operators(id, partner_id, email, email_ascii, email_key, name, role,
                                      scopes, password_hash, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10)
                on conflict (id) do nothing""",
                operator.id,
                operator.partner_id,
                operator.email.text,
                operator.email.ascii,
                operator.email.key,
                operator.name,
                operator.role,
                sorted(operator.scopes),
                operator.password_hash,
                operator.created_at,
            )
        except asyncpg.UniqueViolationError:
            raise OperatorEmailTaken(
                "an operator of this partner has this e-mail address",
                way_out="Let that operator sign in, or give this one another address.",
            ) from None


class SignInRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def buckets(self, allowances: Mapping[str, Allowance], at: datetime) -> dict[str, Bucket]:
        names = sorted(allowances)
        await self._sql.execute(
            """
            insert into sign_in_buckets(name, tokens, at)
            select name, tokens, $3 from unnest($1::text[], $2::float8[]) as t(name, tokens)
            on conflict do nothing""",
            names,
            [float(allowances[name].burst) for name in names],
            at,
        )
        rows = await self._sql.fetch(
            "select * from sign_in_buckets where name = any($1::text[]) order by name for update",
            names,
        )
        return {
            row["name"]: Bucket(row["tokens"], row["at"]).filled(allowances[row["name"]], at)
            for row in rows
        }

    async def keep(self, buckets: Mapping[str, Bucket]) -> None:
        names = sorted(buckets)
        await self._sql.execute(
            """
            update sign_in_buckets b set tokens = t.tokens, at = t.at
            from unnest($1::text[], $2::float8[], $3::timestamptz[]) as t(name, tokens, at)
            where b.name = t.name""",
            names,
            [buckets[name].left for name in names],
            [buckets[name].at for name in names],
        )

    async def knows(self, pair: str) -> bool:
        known: bool = await self._sql.fetchval(
            "select exists (select from known_addresses where pair = $1)", pair
        )
        return known

    async def remember(self, pair: str, at: datetime) -> None:
        await self._sql.execute(
            """
            insert into known_addresses(pair, at) values ($1, $2)
            on conflict (pair) do update set at = excluded.at""",
            pair,
            at,
        )

    async def forget_idle(self, before: datetime) -> None:
        await self._sql.execute("delete from sign_in_buckets where at < $1", before)


class SigningKeyRepository:
    """Writes the kernel's copy of the public half too, so that this service believes its own."""

    def __init__(self, sql: Sql, outbox: Outbox, lock: Lock) -> None:
        self._sql = sql
        self._outbox = outbox
        self._lock = lock

    async def living(self, at: datetime) -> list[SigningKey]:
        rows = await self._sql.fetch("select * from signing_keys where expires_at > $1", at)
        return [_signing_key_from_row(row, self._lock) for row in rows]

    async def take_turns(self) -> None:
        await self._sql.execute("select pg_advisory_xact_lock($1)", _ONE_ROTATION_AT_A_TIME)

    async def add(self, key: SigningKey, origin: Origin, at: datetime) -> None:
        public = orjson.dumps(key.public).decode()
        await self._sql.execute(
            """
            insert into signing_keys(kid, private_jwk, public_jwk, created_at, expires_at)
            values ($1, $2, $3, $4, $5)""",
            key.kid,
            self._lock.close(orjson.dumps(key.private).decode()),
            public,
            key.created_at,
            key.expires_at,
        )
        await self._sql.execute(
            "insert into verifying_keys(kid, jwk, expires_at) values ($1, $2, $3)",
            key.kid,
            public,
            key.expires_at,
        )
        await self._outbox.add([Outgoing(key_published(key, origin.actor), origin, at)])


def api_key_from_row(row: Any) -> ApiKey:
    return ApiKey(
        id=ApiKeyId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        version=row["version"],
        hash=row["hash"],
        hint=row["hint"],
        scopes=tuple(row["scopes"]),
        status=ApiKeyStatus(row["status"]),
        created_at=row["created_at"],
    )


def _operator_from_row(row: Any) -> Operator:
    return Operator(
        id=OperatorId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        email=Email(row["email"], row["email_ascii"]),
        name=row["name"],
        role=row["role"],
        scopes=frozenset(row["scopes"]),
        password_hash=row["password_hash"],
        created_at=row["created_at"],
    )


def _signing_key_from_row(row: Any, lock: Lock) -> SigningKey:
    return SigningKey(
        kid=row["kid"],
        private=orjson.loads(lock.open(row["private_jwk"])),
        public=orjson.loads(row["public_jwk"]),
        created_at=row["created_at"],
    )
