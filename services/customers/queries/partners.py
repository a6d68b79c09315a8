"""What a partner has: itself, its sources, keys, operators and clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.customers.domain.clock_answer import Obstacle
from shared.ids import PartnerId
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class PartnerRow:
    id: str
    name: str
    sandbox: bool
    timezone: str
    country: str
    currency: str
    support_email: str
    notifications_enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceRow:
    id: str
    source: str
    trusted_for_prices: bool
    signed: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    id: str
    hint: str
    scopes: list[str]
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OperatorRow:
    id: str
    email: str
    name: str
    role: str
    scopes: list[str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SandboxClockRow:
    id: str
    now: datetime
    status: str
    target: datetime
    step: int
    failure: Obstacle | None


async def show_partner(sql: Sql, partner_id: PartnerId) -> PartnerRow | None:
    row = await sql.fetchrow("select * from partners where id = $1", partner_id)
    return None if row is None else PartnerRow(**_only(row, PartnerRow))


async def list_sources(
    sql: Sql, partner_id: PartnerId, starting_after: str | None, limit: int
) -> list[SourceRow]:
    rows = await sql.fetch(
        """
        select id, uri as source, trusted_for_prices, signing_key is not null as signed, created_at
        from sources where partner_id = $1 and ($2::text is null or id > $2)
        order by id limit $3""",
        partner_id,
        starting_after,
        limit,
    )
    return [SourceRow(**dict(row)) for row in rows]


async def list_api_keys(
    sql: Sql, partner_id: PartnerId, starting_after: str | None, limit: int
) -> list[ApiKeyRow]:
    rows = await sql.fetch(
        """
        select id, hint, scopes, status, created_at from issued_keys
        where partner_id = $1 and ($2::text is null or id > $2) order by id limit $3""",
        partner_id,
        starting_after,
        limit,
    )
    return [ApiKeyRow(**dict(row)) for row in rows]


async def list_operators(
    sql: Sql, partner_id: PartnerId, starting_after: str | None, limit: int
) -> list[OperatorRow]:
    rows = await sql.fetch(
        """
        select id, email, name, role, scopes, created_at from operators
        where partner_id = $1 and ($2::text is null or id > $2) order by id limit $3""",
        partner_id,
        starting_after,
        limit,
    )
    return [OperatorRow(**dict(row)) for row in rows]


async def list_clocks(
    sql: Sql, partner_id: PartnerId, starting_after: str | None, limit: int
) -> list[SandboxClockRow]:
    rows = await sql.fetch(
        """
        select id, now, status, target, step, failure from test_clocks
        where partner_id = $1 and ($2::text is null or id > $2) order by id limit $3""",
        partner_id,
        starting_after,
        limit,
    )
    return [_clock(row) for row in rows]


async def show_clock(sql: Sql, partner_id: PartnerId, clock_id: str) -> SandboxClockRow | None:
    row = await sql.fetchrow(
        """
        select id, now, status, target, step, failure from test_clocks
        where partner_id = $1 and id = $2""",
        partner_id,
        clock_id,
    )
    return None if row is None else _clock(row)


def _clock(row: Any) -> SandboxClockRow:
    failure = Obstacle(**row["failure"]) if row["failure"] else None
    return SandboxClockRow(**{**dict(row), "failure": failure})


def _only(row: Any, shape: type[PartnerRow]) -> dict[str, Any]:
    return {name: row[name] for name in shape.__dataclass_fields__}
