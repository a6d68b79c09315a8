"""The only SQL that writes partners and their sources."""

from collections.abc import Collection, Sequence
from typing import Any

import asyncpg

from services.customers.adapters.published import to_contract
from services.customers.domain.partner import (
    Partner,
    PartnerEvent,
    PartnerNotFound,
    PartnerProfile,
)
from services.customers.domain.source import Source, SourceId, SourceTaken
from shared.closed_secrets import Lock
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql


class PartnerRepository:
    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def get_many(self, ids: Collection[PartnerId]) -> dict[PartnerId, Partner]:
        rows = await self._sql.fetch(
            "select * from partners where id = any($1::text[])", sorted(ids)
        )
        found = {each.id: each for each in map(partner_from_row, rows)}
        if missing := sorted(set(ids) - found.keys()):
            raise PartnerNotFound(f"no partner {missing[0]}")
        return found

    async def add(self, partner: Partner, events: Sequence[PartnerEvent], origin: Origin) -> None:
        await self._sql.execute(
            """
            insert into partners(id, version, sandbox, name, timezone, country, currency,
                                 support_email, notifications_enabled, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            partner.id,
            partner.version,
            partner.sandbox,
            partner.profile.name,
            partner.profile.timezone,
            partner.profile.country,
            partner.profile.currency,
            partner.profile.support_email,
            partner.notifications_enabled,
            partner.created_at,
        )
        await self._tell(events, origin)

    async def lock(self, partner_id: PartnerId) -> Partner:
        row = await self._sql.fetchrow(
            "select * from partners where id = $1 for update", partner_id
        )
        if row is None:
            raise PartnerNotFound(f"no partner {partner_id}")
        return partner_from_row(row)

    async def save(self, partner: Partner, events: Sequence[PartnerEvent], origin: Origin) -> None:
        await self._sql.execute(
            "update partners set version = $2, notifications_enabled = $3 where id = $1",
            partner.id,
            partner.version,
            partner.notifications_enabled,
        )
        await self._tell(events, origin)

    async def _tell(self, events: Sequence[PartnerEvent], origin: Origin) -> None:
        await self._outbox.add(
            [Outgoing(to_contract(each, origin.actor), origin, each.at) for each in events]
        )


class SourceRepository:
    def __init__(self, sql: Sql, lock: Lock) -> None:
        self._sql = sql
        self._lock = lock

    async def by_uri(self, uris: Collection[str]) -> dict[str, Source]:
        rows = await self._sql.fetch(
            "select * from sources where uri = any($1::text[])", sorted(uris)
        )
        return {row["uri"]: source_from_row(row, self._lock) for row in rows}

    async def add(self, source: Source) -> None:
        try:
            await self._sql.execute(
                """
                insert into sources(id, partner_id, uri, trusted_for_prices, signing_key, created_at)
                values ($1, $2, $3, $4, $5, $6)""",
                source.id,
                source.partner_id,
                source.uri,
                source.trusted_for_prices,
                source.signing_key and self._lock.close(source.signing_key),
                source.created_at,
            )
        except asyncpg.UniqueViolationError:
            raise SourceTaken(
                f"the source {source.uri} is registered already",
                way_out="Name it by a URI in a domain of yours; each partner has its own.",
            ) from None

    async def guard_keys(self) -> None:
        rows = await self._sql.fetch(
            "select id, signing_key from sources where signing_key is not null for update"
        )
        keys = {row["id"]: self._lock.open(row["signing_key"]) for row in rows}
        left = [row["id"] for row in rows if self._lock.leaves_open(row["signing_key"])]
        await self._sql.execute(
            """
            update sources set signing_key = t.closed
            from unnest($1::text[], $2::text[]) as t(id, closed) where sources.id = t.id""",
            left,
            [self._lock.close(keys[each]) for each in left],
        )


def partner_from_row(row: Any) -> Partner:
    return Partner(
        id=PartnerId(row["id"]),
        version=row["version"],
        sandbox=row["sandbox"],
        profile=PartnerProfile(
            name=row["name"],
            timezone=row["timezone"],
            country=row["country"],
            currency=row["currency"],
            support_email=row["support_email"],
        ),
        notifications_enabled=row["notifications_enabled"],
        created_at=row["created_at"],
    )


def source_from_row(row: Any, lock: Lock) -> Source:
    return Source(
        id=SourceId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        uri=row["uri"],
        trusted_for_prices=row["trusted_for_prices"],
        signing_key=row["signing_key"] and lock.open(row["signing_key"]),
        created_at=row["created_at"],
    )
