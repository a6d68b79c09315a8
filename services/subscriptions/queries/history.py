"""What happened to one subscription, newest first."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.subscription import SubscriptionKey
from shared.sql import Sql


@dataclass(frozen=True, slots=True)
class Happening:
    """One version step: the event, the status that it led to, and where it came from."""

    version: int
    type: str
    status: str
    kind: str
    reason: str | None
    actor: str
    at: datetime
    causation_id: str
    correlation_id: str


async def list_history(
    sql: Sql, key: SubscriptionKey, limit: int, before: int | None
) -> list[Happening]:
    """Versions below `before`; up to `limit + 1` of them."""
    rows = await sql.fetch(
        """
        select version, type, status, kind, reason, actor, at, causation_id, correlation_id
        from subscription_history
        where partner_id = $1 and subscription_id = $2 and ($3::bigint is null or version < $3)
        order by version desc limit $4""",
        key.partner_id,
        key.id,
        before,
        limit + 1,
    )
    return [Happening(**row) for row in rows]
