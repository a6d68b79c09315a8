"""What the gateway told by webhook: stored before it is answered, handled afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from services.billing.adapters.in_sets import execute_set
from services.billing.use_cases.queues import WEBHOOKS, ClaimedWebhook, StoredWebhook
from shared.transaction import Transaction


class WebhookQueue:
    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def store(self, webhook: StoredWebhook, now: datetime) -> None:
        await self._sql.execute(
            """
            insert into webhooks(gateway, id, type, key, reference, body, received_at, state)
            values ($1, $2, $3, $4, $5, $6, $7, 'stored') on conflict do nothing""",
            webhook.gateway,
            webhook.id,
            webhook.type,
            webhook.key,
            webhook.reference,
            webhook.body,
            now,
        )
        self._kernel.intend(WEBHOOKS)

    async def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedWebhook]:
        rows = await self._sql.fetch(
            """
            with due as (
                select gateway, id from webhooks
                where state = 'stored' and (lease_until is null or lease_until <= $2)
                  and (next_at is null or next_at <= $2)
                order by received_at limit $1 for update skip locked
            )
            update webhooks w set lease_until = $3, lease_token = $4, looks = w.looks + 1
            from due where w.gateway = due.gateway and w.id = due.id returning w.*""",
            limit,
            now,
            now + lease,
            uuid7(),
        )
        return [
            ClaimedWebhook(
                gateway=row["gateway"],
                id=row["id"],
                type=row["type"],
                key=row["key"],
                token=row["lease_token"],
                looks=row["looks"],
            )
            for row in rows
        ]

    async def put_off(self, put_off: Sequence[tuple[ClaimedWebhook, datetime]]) -> None:
        await execute_set(
            self._sql,
            """
            update webhooks w set next_at = t.next_at, lease_until = null, lease_token = null
            from unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[])
                as t(gateway, id, token, next_at)
            where w.gateway = t.gateway and w.id = t.id and w.lease_token = t.token""",
            [(each.gateway, each.id, each.token, next_at) for each, next_at in put_off],
        )

    async def handled(self, done: Mapping[ClaimedWebhook, str]) -> None:
        await execute_set(
            self._sql,
            """
            update webhooks w set state = 'handled', detail = t.detail, lease_until = null
            from unnest($1::text[], $2::text[], $3::text[]) as t(gateway, id, detail)
            where w.gateway = t.gateway and w.id = t.id""",
            [(each.gateway, each.id, detail) for each, detail in done.items()],
        )
