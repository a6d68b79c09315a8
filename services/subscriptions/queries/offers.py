"""Reading the catalog: one offer, or a page of them by code."""

from services.subscriptions.adapters.offer_repository import from_row
from services.subscriptions.domain.offer import Offer, OfferKey, OfferNotFound
from shared.ids import PartnerId
from shared.sql import Sql


async def find_offer(sql: Sql, key: OfferKey) -> Offer:
    row = await sql.fetchrow(
        "select * from offers where partner_id = $1 and code = $2", key.partner_id, key.code
    )
    if row is None:
        raise OfferNotFound(f"no offer {key.code}")
    return from_row(row)


async def list_offers(
    sql: Sql, partner_id: PartnerId, limit: int, starting_after: str | None
) -> list[Offer]:
    """By code; up to `limit + 1` of them. `starting_after` is an offer's id."""
    rows = await sql.fetch(
        """
        select * from offers
        where partner_id = $1
          and ($2::text is null
               or code > (select code from offers where partner_id = $1 and id = $2))
        order by code limit $3""",
        partner_id,
        starting_after,
        limit + 1,
    )
    return [from_row(row) for row in rows]
