"""What is known of subscriptions, and the occasions that wait until something is."""

from collections.abc import Collection, Sequence
from typing import Any

import orjson

from services.notifier.domain.occasion import Cause, Occasion, What
from services.notifier.domain.subscription import Subscription, SubscriptionKey
from shared.made_or_found import made_or_found
from shared.sql import Sql


class SubscriptionRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def put_many(self, subscriptions: Sequence[Subscription]) -> None:
        """In key order, so that two polls wait for, and never kill, each other."""
        newest: dict[SubscriptionKey, Subscription] = {}
        for each in subscriptions:
            if each.key not in newest or newest[each.key].version < each.version:
                newest[each.key] = each
        rows = [_to_row(newest[key]) for key in sorted(newest)]
        if not rows:
            return
        await self._sql.execute(
            """
            insert into subscriptions as s (partner_id, id, version, customer_id, bill_to, status,
                offer, interval_unit, interval_count, currency, total_minor, timezone,
                created_at, next_boundary_at, ends_at, canceled_at, holds)
            select partner_id, id, version, customer_id, bill_to, status, offer, interval_unit,
                interval_count, currency, total_minor, timezone, created_at, next_boundary_at,
                ends_at, canceled_at, string_to_array(nullif(holds, ''), ',')
            from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                $7::text[], $8::text[], $9::int[], $10::text[], $11::bigint[], $12::text[],
                $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],
                $17::text[])
                as t(partner_id, id, version, customer_id, bill_to, status, offer, interval_unit,
                     interval_count, currency, total_minor, timezone, created_at,
                     next_boundary_at, ends_at, canceled_at, holds)
            on conflict (partner_id, id) do update
            set version = excluded.version, customer_id = excluded.customer_id,
                bill_to = excluded.bill_to, status = excluded.status, offer = excluded.offer,
                interval_unit = excluded.interval_unit, interval_count = excluded.interval_count,
                currency = excluded.currency, total_minor = excluded.total_minor,
                timezone = excluded.timezone, created_at = excluded.created_at,
                next_boundary_at = excluded.next_boundary_at, ends_at = excluded.ends_at,
                canceled_at = excluded.canceled_at, holds = excluded.holds
            where s.version < excluded.version""",
            *[list(column) for column in zip(*rows, strict=True)],
        )

    async def get_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        """An unknown one gets an empty row to lock: whoever hears of it first must see, or wait
        for, whoever has just kept an occasion for it.
        """
        if not keys:
            return {}
        ordered = sorted(set(keys))
        rows = await made_or_found(
            self._sql,
            len(ordered),
            """
            with made as (
                insert into subscriptions(partner_id, id)
                select * from unnest($1::text[], $2::text[])
                on conflict do nothing returning *
            ), locked as (
                select s.* from subscriptions s
                join unnest($1::text[], $2::text[]) as t(partner_id, id)
                    on s.partner_id = t.partner_id and s.id = t.id
                order by s.partner_id, s.id for update of s)
            select * from locked union all select * from made""",
            [key.partner_id for key in ordered],
            [key.id for key in ordered],
        )
        return _known(rows)

    async def look_up(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        if not keys:
            return {}
        rows = await self._sql.fetch(
            """
            select s.* from subscriptions s
            join unnest($1::text[], $2::text[]) as t(partner_id, id) using (partner_id, id)""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        return _known(rows)


class WaitingOccasionRepository:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def keep(self, occasions: Sequence[Occasion]) -> None:
        if not occasions:
            return
        await self._sql.execute(
            """
            insert into waiting_occasions(event_id, what, partner_id, subscription_id, facts, at,
                                          actor, correlation_id, traceparent)
            select event_id, what, partner_id, subscription_id, facts::jsonb, at, actor,
                   correlation_id, traceparent
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                        $6::timestamptz[], $7::text[], $8::text[], $9::text[])
                 as t(event_id, what, partner_id, subscription_id, facts, at, actor,
                      correlation_id, traceparent)
            on conflict do nothing""",
            [each.cause.event_id for each in occasions],
            [each.what for each in occasions],
            [each.partner_id for each in occasions],
            [each.subscription_id for each in occasions],
            [orjson.dumps(each.facts).decode() for each in occasions],
            [each.cause.at for each in occasions],
            [each.cause.actor for each in occasions],
            [each.cause.correlation_id for each in occasions],
            [each.cause.traceparent for each in occasions],
        )

    async def take(self, keys: Collection[SubscriptionKey]) -> list[Occasion]:
        if not keys:
            return []
        rows = await self._sql.fetch(
            """
            delete from waiting_occasions w
            using unnest($1::text[], $2::text[]) as t(partner_id, subscription_id)
            where (w.partner_id, w.subscription_id) = (t.partner_id, t.subscription_id)
            returning w.*""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        found = [_occasion(row) for row in rows]
        return sorted(found, key=lambda each: (each.cause.at, each.cause.event_id))


def _to_row(subscription: Subscription) -> tuple[object, ...]:
    return (
        subscription.partner_id,
        subscription.id,
        subscription.version,
        subscription.customer_id,
        subscription.bill_to,
        subscription.status,
        subscription.offer,
        subscription.interval_unit,
        subscription.interval_count,
        subscription.currency,
        subscription.total_minor,
        subscription.timezone,
        subscription.created_at,
        subscription.next_boundary_at,
        subscription.ends_at,
        subscription.canceled_at,
        ",".join(sorted(subscription.holds)),
    )


def _known(rows: Sequence[Any]) -> dict[SubscriptionKey, Subscription]:
    found = [_from_row(row) for row in rows if row["version"] > 0]
    return {each.key: each for each in found}


def _from_row(row: Any) -> Subscription:
    return Subscription(
        id=row["id"],
        partner_id=row["partner_id"],
        version=row["version"],
        customer_id=row["customer_id"],
        bill_to=row["bill_to"],
        status=row["status"],
        offer=row["offer"],
        interval_unit=row["interval_unit"],
        interval_count=row["interval_count"],
        currency=row["currency"],
        total_minor=row["total_minor"],
        timezone=row["timezone"],
        created_at=row["created_at"],
        next_boundary_at=row["next_boundary_at"],
        ends_at=row["ends_at"],
        canceled_at=row["canceled_at"],
        holds=frozenset(row["holds"] or ()),
    )


def _occasion(row: Any) -> Occasion:
    cause = Cause(
        row["event_id"], row["at"], row["actor"], row["correlation_id"], row["traceparent"]
    )
    return Occasion(
        what=What(row["what"]),
        partner_id=row["partner_id"],
        cause=cause,
        facts=row["facts"],
        subscription_id=row["subscription_id"],
    )
