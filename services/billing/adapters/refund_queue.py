"""Refunds that wait for the gateway; the only SQL on their leases."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from services.billing.adapters.in_sets import execute_set
from services.billing.use_cases.queues import REFUNDS, ClaimedRefund
from shared.ids import PartnerId
from shared.transaction import Transaction


class RefundQueue:
    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedRefund]:
        rows = await self._sql.fetch(
            """
            update refunds r set lease_until = $3, lease_token = $4, calls = r.calls + 1
            where r.id = any(array(
                select id from refunds
                where state in ('ordered', 'pending') and (lease_until is null or lease_until <= $2)
                  and (next_at is null or next_at <= $2)
                order by id limit $1 for update skip locked))
            returning r.*""",
            limit,
            now,
            now + lease,
            uuid7(),
        )
        return [
            ClaimedRefund(
                id=row["id"],
                key=row["key"],
                partner_id=PartnerId(row["partner_id"]),
                gateway=row["gateway"],
                reference=row["reference"],
                amount_minor=row["amount_minor"],
                token=row["lease_token"],
                calls=row["calls"],
            )
            for row in rows
        ]

    async def put_off(self, put_off: Sequence[tuple[ClaimedRefund, datetime]]) -> None:
        await execute_set(
            self._sql,
            """
            update refunds r set next_at = t.next_at, lease_until = null, lease_token = null
            from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as t(id, token, next_at)
            where r.id = t.id and r.lease_token = t.token""",
            [(each.id, each.token, next_at) for each, next_at in put_off],
        )
        if put_off:
            self._kernel.intend(REFUNDS)

    async def wake(self, ids: Sequence[str]) -> None:
        """From this commit on their answer is owed, so a clock does not go on without it."""
        await self._sql.execute(
            "update refunds set next_at = null where id = any($1::text[]) and state = 'pending'",
            list(ids),
        )
        self._kernel.intend(REFUNDS)

    async def by_keys(self, keys: Sequence[str]) -> dict[str, str]:
        rows = await self._sql.fetch(
            "select id, key from refunds where key = any($1::text[])", list(keys)
        )
        return {row["key"]: row["id"] for row in rows}
