"""Rows to Offer and back; the only SQL that writes the catalog."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from services.subscriptions.adapters.published import to_offer_contract
from services.subscriptions.domain.offer import (
    EndOfTerm,
    Offer,
    OfferId,
    OfferKey,
    OfferProduct,
    OfferPublished,
    OfferStale,
)
from shared.calendar import Interval
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql

PRODUCTS = TypeAdapter(tuple[OfferProduct, ...])


class OfferRepository:
    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def find_many(self, keys: Collection[OfferKey]) -> dict[OfferKey, Offer]:
        rows = await self._sql.fetch(
            """
            select o.* from offers o
            join unnest($1::text[], $2::text[]) as t(partner_id, code) using (partner_id, code)""",
            [key.partner_id for key in keys],
            [key.code for key in keys],
        )
        return {each.key: each for each in map(from_row, rows)}

    async def save(self, offer: Offer, events: Sequence[OfferPublished], origin: Origin) -> None:
        saved = await self._sql.fetchval(
            """
            insert into offers as o (partner_id, code, id, version, name, interval_unit,
                                     interval_count, trial_days, end_of_term, products,
                                     minimum_periods)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $12)
            on conflict (partner_id, code) do update
            set version = excluded.version, name = excluded.name,
                interval_unit = excluded.interval_unit, interval_count = excluded.interval_count,
                trial_days = excluded.trial_days, end_of_term = excluded.end_of_term,
                products = excluded.products, minimum_periods = excluded.minimum_periods
            where o.version = excluded.version - $11
            returning version""",
            offer.partner_id,
            offer.code,
            offer.id,
            offer.version,
            offer.name,
            offer.interval.unit,
            offer.interval.count,
            offer.trial_days,
            offer.end_of_term.value,
            PRODUCTS.dump_json(offer.products).decode(),
            len(events),
            offer.minimum_periods,
        )
        if saved is None:
            raise OfferStale(f"offer {offer.code} was published by somebody else meanwhile")
        await self._outbox.add(
            [Outgoing(to_offer_contract(each), origin, each.cause.at) for each in events]
        )


def from_row(row: Mapping[str, Any]) -> Offer:
    return Offer(
        id=OfferId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        code=row["code"],
        name=row["name"],
        interval=Interval(row["interval_unit"], row["interval_count"]),
        trial_days=row["trial_days"],
        end_of_term=EndOfTerm(row["end_of_term"]),
        products=PRODUCTS.validate_python(row["products"]),
        minimum_periods=row["minimum_periods"],
        version=row["version"],
    )
