"""What the gateway told by webhook: stored before it is answered, handled afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from services.billing.adapters.in_sets import execute_set
from services.billing.use_cases.queues import WEBHOOKS, ClaimedWebhook, StoredWebhook
from shared.transaction import Transaction

SUCCESS = "charge.succeeded"
KNOWN = "known before"


class WebhookQueue:
    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def store(self, webhook: StoredWebhook, now: datetime, answer_within: timedelta) -> None:
        """A success is mostly told by the answer to our own call as well: what it has said is known,
        and while it is on its way it is waited for.
        """
        row = await self._sql.fetchrow(
            """
            with told as (
                select state = 'succeeded' as is_known,
                       case when state = 'sent' and lease_until > $7
                            then least(sent_at, $7) + $9::interval end as answered_by
                from payment_attempts where key = $4 and $3 = $8)
            insert into webhooks(gateway, id, type, key, reference, body, received_at,
                                 state, detail, next_at)
            select $1, $2, $3, $4, $5, $6, $7,
                   case when told.is_known then 'handled' else 'stored' end,
                   case when told.is_known then $10 end, told.answered_by
            from (values (1)) as one left join told on true
            on conflict do nothing returning state, next_at""",
            webhook.gateway,
            webhook.id,
            webhook.type,
            webhook.key,
            webhook.reference,
            webhook.body,
            now,
            SUCCESS,
            answer_within,
            KNOWN,
        )
        if row and row["state"] == "stored" and (row["next_at"] is None or row["next_at"] <= now):
            self._kernel.intend(WEBHOOKS)

    async def known(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        """Those that tell of a success among these keys what the books say as well, handled."""
        if not keys:
            return set()
        rows = await self._sql.fetch(
            """
            update webhooks w set state = 'handled', detail = $3, lease_until = null
            from payment_attempts a
            where w.key = any($1::text[]) and w.state = 'stored' and w.type = $2
              and a.key = w.key and a.state = 'succeeded'
            returning w.gateway, w.id""",
            list(keys),
            SUCCESS,
            KNOWN,
        )
        return {(row["gateway"], row["id"]) for row in rows}

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
