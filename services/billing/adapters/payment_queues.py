"""Attempts and verifications that wait for the gateway; the only SQL on their leases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.contract import Method, SubscriptionId
from services.billing.use_cases.queues import ClaimedAttempt, ClaimedVerification
from shared.ids import PartnerId
from shared.transaction import Transaction

NO_LEASE = UUID(int=0)


class PaymentQueue:
    """What is claimed is named by an array, not by a join: however much the planner expects, it
    then looks the rows up, and never reads a table of millions to find a hundred.
    """

    def __init__(self, kernel: Transaction) -> None:
        self._sql = kernel.sql

    async def claim_to_send(
        self, limit: int, now: datetime, lease: timedelta
    ) -> list[ClaimedAttempt]:
        rows = await self._sql.fetch(
            """
            update payment_attempts a
            set state = 'sent', sent_at = $2, lease_until = $3, lease_token = $4,
                calls = a.calls + 1
            where a.id = any(array(
                select id from payment_attempts where state = 'created'
                order by id limit $1 for update skip locked))
            returning a.*""",
            limit,
            now,
            now + lease,
            uuid7(),
        )
        return sorted((_attempt(row, now) for row in rows), key=lambda each: each.id)

    async def claim_to_find(
        self, limit: int, now: datetime, lease: timedelta
    ) -> list[ClaimedAttempt]:
        rows = await self._sql.fetch(
            """
            update payment_attempts a
            set state = 'unknown', lease_until = $3, lease_token = $4, looks = a.looks + 1
            where a.id = any(array(
                select id from payment_attempts
                where state in ('sent', 'unknown') and (lease_until is null or lease_until <= $2)
                  and (next_at is null or next_at <= $2)
                order by id limit $1 for update skip locked))
            returning a.*""",
            limit,
            now,
            now + lease,
            uuid7(),
        )
        return [_attempt(row, now) for row in rows]

    async def put_off(self, put_off: Sequence[tuple[ClaimedAttempt, datetime]]) -> None:
        await execute_set(
            self._sql,
            """
            update payment_attempts a
            set state = 'unknown', next_at = t.next_at, lease_until = null, lease_token = null
            from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as t(id, token, next_at)
            where a.id = t.id and a.lease_token = t.token and a.state in ('sent', 'unknown')""",
            [(each.id, each.token, next_at) for each, next_at in put_off],
        )

    async def leave_to_a_person(self, left: Sequence[ClaimedAttempt]) -> None:
        await execute_set(
            self._sql,
            """
            update payment_attempts a
            set state = 'needs_review', next_at = null, lease_until = null, lease_token = null
            from unnest($1::text[], $2::uuid[]) as t(id, token)
            where a.id = t.id and a.lease_token = t.token and a.state = 'unknown'""",
            [(each.id, each.token) for each in left],
        )

    async def still_mine(self, claimed: Sequence[ClaimedAttempt]) -> set[str]:
        rows = await self._sql.fetch(
            """
            select a.id from payment_attempts a
            join unnest($1::text[], $2::uuid[]) as t(id, token) using (id)
            where a.lease_token = t.token order by a.id for update of a""",
            [each.id for each in claimed],
            [each.token for each in claimed],
        )
        return {row["id"] for row in rows}

    async def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, ClaimedAttempt]:
        rows = await self._sql.fetch(
            "select * from payment_attempts where key = any($1::text[])", list(keys)
        )
        return {row["key"]: _attempt(row, now) for row in rows}


class VerificationQueue:
    def __init__(self, kernel: Transaction) -> None:
        self._sql = kernel.sql

    async def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedVerification]:
        rows = await self._sql.fetch(
            """
            update verifications v
            set lease_until = $3, lease_token = $4, looks = v.looks + 1,
                first_look_at = coalesce(v.first_look_at, $2)
            where v.subscription_id = any(array(
                select subscription_id from verifications
                where state = 'asked' and (lease_until is null or lease_until <= $2)
                  and (next_at is null or next_at <= $2)
                order by subscription_id limit $1 for update skip locked))
            returning v.*""",
            limit,
            now,
            now + lease,
            uuid7(),
        )
        return [
            ClaimedVerification(
                partner_id=PartnerId(row["partner_id"]),
                subscription_id=SubscriptionId(row["subscription_id"]),
                gateway=row["gateway"],
                reference=row["reference"],
                token=row["lease_token"],
                first_look_at=row["first_look_at"],
                looks=row["looks"],
            )
            for row in rows
        ]

    async def put_off(self, put_off: Sequence[tuple[ClaimedVerification, datetime]]) -> None:
        await execute_set(
            self._sql,
            """
            update verifications v
            set next_at = t.next_at, lease_until = null, lease_token = null
            from unnest($1::text[], $2::uuid[], $3::timestamptz[])
                as t(subscription_id, token, next_at)
            where v.subscription_id = t.subscription_id and v.lease_token = t.token
              and v.state = 'asked'""",
            [(each.subscription_id, each.token, next_at) for each, next_at in put_off],
        )


def _attempt(row: Any, now: datetime) -> ClaimedAttempt:
    return ClaimedAttempt(
        id=row["id"],
        key=row["key"],
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        invoice_id=row["invoice_id"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        method=Method(row["gateway"], row["method_ref"]),
        actor=row["actor"],
        token=row["lease_token"] or NO_LEASE,
        sent_at=row["sent_at"] or now,
        calls=row["calls"],
        looks=row["looks"],
    )
