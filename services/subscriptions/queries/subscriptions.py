"""Reading subscriptions without a lock: one, or a page of those that fit a filter."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.subscriptions.adapters.subscription_rows import from_row
from services.subscriptions.domain.labels import Facet
from services.subscriptions.domain.subscription import (
    CustomerId,
    Status,
    Subscription,
    SubscriptionKey,
    SubscriptionNotFound,
)
from shared.errors import Invalid
from shared.ids import PartnerId
from shared.sql import Sql


class CursorUnknown(Invalid):
    code = "cursor_unknown"


@dataclass(frozen=True, slots=True)
class Filter:
    """None lets everything through; `facets` are those that a label stands for."""

    customer_id: CustomerId | None = None
    statuses: Sequence[Status] | None = None
    facets: Sequence[Facet] | None = None


async def find_subscription(sql: Sql, key: SubscriptionKey) -> Subscription:
    row = await sql.fetchrow(
        "select * from subscriptions where partner_id = $1 and id = $2", key.partner_id, key.id
    )
    if row is None:
        raise SubscriptionNotFound(f"no subscription {key.id}")
    return from_row(row)


async def list_subscriptions(
    sql: Sql, partner_id: PartnerId, which: Filter, limit: int, starting_after: str | None
) -> list[Subscription]:
    """The newest first; up to `limit + 1` of them, the one too many saying that there are more."""
    if starting_after is not None:
        await _require(sql, partner_id, starting_after)
    rows = await sql.fetch(
        """
        select * from subscriptions
        where partner_id = $1
          and ($2::text is null or customer_id = $2)
          and ($3::text[] is null or status = any($3))
          and ($4::text[] is null or facet = any($4))
          and ($5::text is null or (created_at, id) < (
                  select created_at, id from subscriptions where partner_id = $1 and id = $5))
        order by created_at desc, id desc limit $6""",
        partner_id,
        which.customer_id,
        None if which.statuses is None else [each.value for each in which.statuses],
        None if which.facets is None else [each.value for each in which.facets],
        starting_after,
        limit + 1,
    )
    return [from_row(row) for row in rows]


async def _require(sql: Sql, partner_id: PartnerId, subscription_id: str) -> None:
    found = await sql.fetchval(
        "select 1 from subscriptions where partner_id = $1 and id = $2",
        partner_id,
        subscription_id,
    )
    if found is None:
        raise CursorUnknown(
            f"no subscription {subscription_id}",
            field="starting_after",
            way_out="Give the id of the last subscription of the page before.",
        )
