"""Contacts, brands and offers as other services last described them."""

from collections.abc import Callable, Collection, Sequence

from services.notifier.domain.people import Brand, Contact, Offer
from shared.ids import PartnerId
from shared.sql import Sql


class DirectoryRepository:
    """`wake` is called after a contact or a brand: a mail may have waited for just this one."""

    def __init__(self, sql: Sql, wake: Callable[[], None]) -> None:
        self._sql = sql
        self._wake = wake

    async def switched_off(self, partners: Collection[PartnerId]) -> set[PartnerId]:
        rows = await self._sql.fetch(
            """
            select partner_id from brands
            where partner_id = any($1::text[]) and not notifications_enabled""",
            sorted(partners),
        )
        return {PartnerId(row["partner_id"]) for row in rows}

    async def put_contacts(self, contacts: Sequence[Contact]) -> None:
        newest = {
            (each.partner_id, each.customer_id): each
            for each in sorted(contacts, key=lambda contact: contact.version)
        }
        ordered = [newest[key] for key in sorted(newest)]
        await self._sql.execute(
            """
            insert into contacts as c (partner_id, customer_id, version, name, email, email_ascii,
                                       language, timezone, notifications_enabled)
            select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[],
                                 $6::text[], $7::text[], $8::text[], $9::boolean[])
            on conflict (partner_id, customer_id) do update
            set version = excluded.version, name = excluded.name, email = excluded.email,
                email_ascii = excluded.email_ascii, language = excluded.language,
                timezone = excluded.timezone,
                notifications_enabled = excluded.notifications_enabled
            where c.version < excluded.version""",
            [each.partner_id for each in ordered],
            [each.customer_id for each in ordered],
            [each.version for each in ordered],
            [each.name for each in ordered],
            [each.email for each in ordered],
            [each.email_ascii for each in ordered],
            [each.language for each in ordered],
            [each.timezone for each in ordered],
            [each.notifications_enabled for each in ordered],
        )
        self._wake()

    async def put_brands(self, brands: Sequence[Brand]) -> None:
        newest = {each.partner_id: each for each in sorted(brands, key=lambda brand: brand.version)}
        ordered = [newest[key] for key in sorted(newest)]
        await self._sql.execute(
            """
            insert into brands as b (partner_id, version, name, support_email, sandbox,
                                     notifications_enabled)
            select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[],
                                 $6::boolean[])
            on conflict (partner_id) do update
            set version = excluded.version, name = excluded.name,
                support_email = excluded.support_email, sandbox = excluded.sandbox,
                notifications_enabled = excluded.notifications_enabled
            where b.version < excluded.version""",
            [each.partner_id for each in ordered],
            [each.version for each in ordered],
            [each.name for each in ordered],
            [each.support_email for each in ordered],
            [each.sandbox for each in ordered],
            [each.notifications_enabled for each in ordered],
        )
        self._wake()

    async def put_offers(self, offers: Sequence[Offer]) -> None:
        newest = {
            (each.partner_id, each.code): each
            for each in sorted(offers, key=lambda offer: offer.version)
        }
        ordered = [newest[key] for key in sorted(newest)]
        await self._sql.execute(
            """
            insert into offers as o (partner_id, code, version, name)
            select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
            on conflict (partner_id, code) do update
            set version = excluded.version, name = excluded.name
            where o.version < excluded.version""",
            [each.partner_id for each in ordered],
            [each.code for each in ordered],
            [each.version for each in ordered],
            [each.name for each in ordered],
        )
