"""What happened to each subscription, for people: written with its events, kept for ever."""

from collections.abc import Sequence

from shared.contracts.subscriptions import SubscriptionEvent
from shared.outbox import Outgoing
from shared.sql import Sql


class History:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def add(self, told: Sequence[Outgoing]) -> None:
        if not told:
            return
        rows = [_to_row(each) for each in told]
        await self._sql.execute(
            """
            insert into subscription_history(partner_id, subscription_id, version, type, status,
                                             kind, reason, actor, at, causation_id, correlation_id)
            select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[],
                                 $6::text[], $7::text[], $8::text[], $9::timestamptz[],
                                 $10::text[], $11::text[])""",
            *map(list, zip(*rows, strict=True)),
        )


def _to_row(each: Outgoing) -> tuple[object, ...]:
    event = each.event
    assert isinstance(event, SubscriptionEvent)  # noqa: S101  nothing else is told here
    state, change = event.subscription, event.change
    return (
        state.partner_id,
        state.id,
        state.version,
        event.type,
        state.status,
        change.kind,
        change.reason,
        change.actor,
        change.at,
        each.origin.causation_id,
        each.origin.correlation_id,
    )
