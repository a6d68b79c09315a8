"""How each account at the panel is wanted, and what the panel has been told of it.

A row is an intent as long as `told_version` is behind `wanted_version`: the latest wish is the one
that is told, however many there were in between.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.subscriptions.adapters.followed import Followed
from services.subscriptions.domain.account import Account, AccountStatus, wanted_account
from services.subscriptions.domain.subscription import SubscriptionId, SubscriptionKey
from services.subscriptions.use_cases.ports import ACCOUNTS, AccountCall
from shared.clock import system_now
from shared.ids import PartnerId, new_id
from shared.origin import Origin
from shared.transaction import Transaction

LEASE = timedelta(seconds=60)
BACK_OFF = tuple(timedelta(seconds=each) for each in (1, 2, 5, 10, 30, 60, 300, 600))
LONGEST_ANSWER = 500


class AccountRepository:
    """Leases and back-offs are technical, so they go by the system's clock."""

    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def follow(self, followed: Sequence[Followed]) -> None:
        """Remember the new wish where a change has made one."""
        wished = [each for each in followed if _is_wanted_otherwise(each)]
        rows = [_to_row(each) for each in sorted(wished, key=lambda each: each.now.key)]
        if not rows:
            return
        await self._sql.execute(
            """
            insert into accounts as a (partner_id, subscription_id, wanted_version, status, plan,
                                       configuration, expires_at, actor, causation_id,
                                       correlation_id, traceparent, next_at)
            select *, $12::timestamptz
            from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[],
                        $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[])
            on conflict (partner_id, subscription_id) do update
            set wanted_version = excluded.wanted_version, status = excluded.status,
                plan = excluded.plan, configuration = excluded.configuration,
                expires_at = excluded.expires_at, actor = excluded.actor,
                causation_id = excluded.causation_id, correlation_id = excluded.correlation_id,
                traceparent = excluded.traceparent, next_at = excluded.next_at, attempts = 0""",
            *map(list, zip(*rows, strict=True)),
            system_now(),
        )
        self._kernel.intend(ACCOUNTS)

    async def claim(self, limit: int, now: datetime) -> list[AccountCall]:
        """The wishes whose turn it is, leased, so that nobody else tells them meanwhile."""
        rows = await self._sql.fetch(
            """
            update accounts a set lease = $1, leased_until = $2
            from (select partner_id, subscription_id from accounts
                  where told_version < wanted_version and next_at <= $3
                    and (leased_until is null or leased_until < $3)
                  order by next_at limit $4 for update skip locked) as due
            where a.partner_id = due.partner_id and a.subscription_id = due.subscription_id
            returning a.*""",
            new_id("lse"),
            now + LEASE,
            now,
            limit,
        )
        return [_from_row(row) for row in rows]

    async def told(self, calls: Sequence[AccountCall]) -> None:
        """The panel has done them; a wish that came meanwhile stays to be told, at once."""
        if not calls:
            return
        await self._lock(calls)
        rows = await self._sql.fetch(
            """
            update accounts a
            set told_version = greatest(a.told_version, t.version), is_open = a.status <> 'deleted',
                attempts = 0, last_answer = null, lease = null, leased_until = null
            from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
                 as t(partner_id, subscription_id, lease, version)
            where a.partner_id = t.partner_id and a.subscription_id = t.subscription_id
              and a.lease = t.lease
            returning a.told_version < a.wanted_version as is_wanted_otherwise""",
            [each.key.partner_id for each in calls],
            [each.key.id for each in calls],
            [each.lease for each in calls],
            [each.version for each in calls],
        )
        if any(row["is_wanted_otherwise"] for row in rows):
            self._kernel.intend(ACCOUNTS)

    async def failed(self, answers: Sequence[tuple[AccountCall, str]], now: datetime) -> None:
        """Not done, as far as is known: it is told again, later each time."""
        if not answers:
            return
        await self._lock([call for call, _ in answers])
        await self._sql.execute(
            """
            update accounts a
            set attempts = a.attempts + 1, last_answer = t.answer, next_at = t.next_at,
                lease = null, leased_until = null
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
                 as t(partner_id, subscription_id, lease, answer, next_at)
            where a.partner_id = t.partner_id and a.subscription_id = t.subscription_id
              and a.lease = t.lease""",
            [call.key.partner_id for call, _ in answers],
            [call.key.id for call, _ in answers],
            [call.lease for call, _ in answers],
            [answer[:LONGEST_ANSWER] for _, answer in answers],
            [now + BACK_OFF[min(call.attempts, len(BACK_OFF) - 1)] for call, _ in answers],
        )

    async def _lock(self, calls: Sequence[AccountCall]) -> None:
        """In the order in which wishes are stored, so that the two never lock each other up."""
        await self._sql.execute(
            """
            select from accounts
            join unnest($1::text[], $2::text[]) as t(partner_id, subscription_id)
                 using (partner_id, subscription_id)
            order by partner_id, subscription_id for update of accounts""",
            [call.key.partner_id for call in calls],
            [call.key.id for call in calls],
        )

    async def last_answers(self, keys: Collection[SubscriptionKey]) -> dict[SubscriptionKey, str]:
        rows = await self._sql.fetch(
            """
            select partner_id, subscription_id, last_answer from accounts
            join unnest($1::text[], $2::text[]) as t(partner_id, subscription_id)
                 using (partner_id, subscription_id)
            where last_answer is not null""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        return {_key(row): row["last_answer"] for row in rows}


# Wishes that the panel has not been told.
OPEN_WISHES = """
    select partner_id, 'panel account of ' || subscription_id || coalesce(': ' || last_answer, '')
        as item
    from accounts where told_version < wanted_version"""

# Of those the ones that it has refused, or not answered, so often that a person should look.
MANY_TRIES = 5
STUCK_WISHES = f"""
    select partner_id, 'panel account of ' || subscription_id || ' as ' || status || ', '
        || attempts || ' tries' || coalesce(': ' || last_answer, '') as item
    from accounts where told_version < wanted_version and attempts >= {MANY_TRIES}
    order by attempts desc, subscription_id"""  # noqa: S608  a number of our own


def _is_wanted_otherwise(each: Followed) -> bool:
    before = wanted_account(each.before) if each.before else None
    return wanted_account(each.now) != before


def _to_row(each: Followed) -> tuple[object, ...]:
    wanted = wanted_account(each.now)
    assert wanted is not None  # noqa: S101  a wish is never taken back, only replaced
    return (
        *each.now.key,
        each.now.version,
        wanted.status.value,
        wanted.plan,
        orjson.dumps(wanted.configuration).decode(),
        wanted.expires_at,
        each.origin.actor,
        each.origin.causation_id,
        each.origin.correlation_id,
        each.origin.traceparent,
    )


def _key(row: Any) -> SubscriptionKey:
    return SubscriptionKey(PartnerId(row["partner_id"]), SubscriptionId(row["subscription_id"]))


def _from_row(row: Any) -> AccountCall:
    account = Account(
        AccountStatus(row["status"]),
        row["plan"],
        row["configuration"],
        row["expires_at"],
    )
    origin = Origin(row["actor"], row["causation_id"], row["correlation_id"], row["traceparent"])
    return AccountCall(
        _key(row),
        row["wanted_version"],
        account,
        row["is_open"],
        row["lease"],
        row["attempts"],
        origin,
    )
