"""The only SQL on checkouts that were rejected and on the references that checkouts claim."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.contract import CheckoutId
from services.billing.use_cases.ports import CheckoutKey, Reference
from shared.ids import PartnerId
from shared.made_or_found import made_or_found
from shared.sql import Sql


class CheckoutRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def lock(self, keys: Collection[CheckoutKey]) -> set[CheckoutKey]:
        """The row is made where it is missing, so that there is something to take turns at."""
        if not keys:
            return set()
        wanted = sorted(set(keys))
        rows = await made_or_found(
            self._sql,
            len(wanted),
            """
            with made as (
                insert into checkouts(partner_id, checkout_id)
                select * from unnest($1::text[], $2::text[])
                on conflict do nothing returning *
            ), locked as (
                select c.* from checkouts c
                join unnest($1::text[], $2::text[]) as k(partner_id, checkout_id)
                    on c.partner_id = k.partner_id and c.checkout_id = k.checkout_id
                order by c.partner_id, c.checkout_id for update of c)
            select * from locked union all select * from made""",
            [partner for partner, _ in wanted],
            [checkout for _, checkout in wanted],
        )
        return {
            (PartnerId(row["partner_id"]), CheckoutId(row["checkout_id"]))
            for row in rows
            if row["rejected_at"] is not None
        }

    async def reject(self, keys: Collection[CheckoutKey], at: Mapping[PartnerId, datetime]) -> None:
        await execute_set(
            self._sql,
            """
            update checkouts c set rejected_at = coalesce(c.rejected_at, t.at)
            from unnest($1::text[], $2::text[], $3::timestamptz[]) as t(partner_id, checkout_id, at)
            where c.partner_id = t.partner_id and c.checkout_id = t.checkout_id""",
            [(partner, checkout, at[partner]) for partner, checkout in sorted(keys)],
        )

    async def claim(self, wanted: Mapping[Reference, CheckoutKey]) -> dict[Reference, CheckoutKey]:
        if not wanted:
            return {}
        names = sorted(wanted)
        await execute_set(
            self._sql,
            """
            insert into claimed_references(gateway, reference, partner_id, checkout_id)
            select t.* from unnest($1::text[], $2::text[], $3::text[], $4::text[])
                as t(gateway, reference, partner_id, checkout_id)
            where not exists (
                select from payment_attempts a
                where a.gateway = t.gateway and a.reference = t.reference)
            on conflict do nothing""",
            [(*name, *wanted[name]) for name in names],
        )
        rows = await self._sql.fetch(
            """
            select * from claimed_references
            join unnest($1::text[], $2::text[]) as t(gateway, reference) using (gateway, reference)""",
            [gateway for gateway, _ in names],
            [reference for _, reference in names],
        )
        return {
            (row["gateway"], row["reference"]): (
                PartnerId(row["partner_id"]),
                CheckoutId(row["checkout_id"]),
            )
            for row in rows
        }
