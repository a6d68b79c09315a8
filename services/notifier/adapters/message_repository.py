"""Rows to Message and back; the only SQL that writes a message."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from services.notifier.adapters.published import Publishes
from services.notifier.domain.letter import Addressed
from services.notifier.domain.message import Message, MessageId, State
from services.notifier.domain.occasion import Cause, Seal
from services.notifier.domain.people import Brand, Contact
from services.notifier.domain.subscription import SubscriptionKey
from services.notifier.domain.template import Template
from services.notifier.use_cases.ports import Changed, Lease
from shared.errors import Stale
from shared.sql import Sql


class MessageRepository:
    """`wake` is called when a message was queued, so that its sender need not wait for a poll."""

    def __init__(self, sql: Sql, publish: Publishes, wake: Callable[[], None]) -> None:
        self._sql = sql
        self._publish = publish
        self._wake = wake

    async def add_many(self, messages: Sequence[Message]) -> set[MessageId]:
        """In the order of what happened, which is the order in which they leave."""
        if not messages:
            return set()
        rows = await self._sql.fetch(
            """
            insert into messages(id, partner_id, customer_id, subscription_id, template, facts,
                                 cause_event_id, cause_at, actor, correlation_id, traceparent,
                                 since, state, seal_kid, seal_jwe, seal_expires_at)
            select id, partner_id, customer_id, subscription_id, template, facts::jsonb,
                   cause_event_id, cause_at, actor, correlation_id, traceparent,
                   since, state, seal_kid, seal_jwe, seal_expires_at
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                        $7::text[], $8::timestamptz[], $9::text[], $10::text[], $11::text[],
                        $12::timestamptz[], $13::text[], $14::text[], $15::text[],
                        $16::timestamptz[]) with ordinality
                 as t(id, partner_id, customer_id, subscription_id, template, facts,
                      cause_event_id, cause_at, actor, correlation_id, traceparent,
                      since, state, seal_kid, seal_jwe, seal_expires_at, place)
            order by place
            on conflict do nothing returning id""",
            *_columns([_new_row(each) for each in messages]),
        )
        self._wake()
        return {MessageId(row["id"]) for row in rows}

    async def planned_for(self, keys: Collection[SubscriptionKey]) -> list[Message]:
        if not keys:
            return []
        rows = await self._sql.fetch(
            """
            select m.* from messages m
            join unnest($1::text[], $2::text[]) as t(partner_id, subscription_id)
                using (partner_id, subscription_id)
            where m.state = 'planned'""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        return [from_row(row) for row in rows]

    async def get_many(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        if not ids:
            return {}
        rows = await self._sql.fetch(
            "select * from messages where id = any($1::text[]) order by id for update", list(ids)
        )
        return {MessageId(row["id"]): from_row(row) for row in rows}

    async def next_to_send(self, limit: int, system_now: datetime) -> list[Addressed]:
        """A mail without a contact or a brand is passed over until both are known."""
        # Beside each mail one contact, brand and offer: as a plain join a planner that has not seen
        # the tables yet reads all contacts of a partner.
        rows = await self._sql.fetch(
            f"""
            select m.*, {ADDRESSED}
            from messages m
            cross join lateral (
                select * from contacts
                where partner_id = m.partner_id and customer_id = m.customer_id limit 1) c
            cross join lateral (select * from brands where partner_id = m.partner_id limit 1) b
            left join lateral (
                select * from offers
                where partner_id = m.partner_id and code = m.facts ->> 'offer' limit 1) o on true
            where (m.state = 'queued' and (m.retry_at is null or m.retry_at <= $1))
               or (m.state = 'sending' and m.lease_until <= $1)
            order by m.n limit $2 for update of m skip locked""",  # noqa: S608  a constant
            system_now,
            limit,
        )
        return [addressed_from_row(row) for row in rows]

    async def leased(self, tokens: Mapping[MessageId, str]) -> dict[MessageId, Message]:
        rows = await self._sql.fetch(
            """
            select m.* from messages m
            join unnest($1::text[], $2::text[]) as t(id, lease_token) using (id, lease_token)
            where m.state = 'sending' order by m.id for update of m""",
            list(tokens),
            list(tokens.values()),
        )
        return {MessageId(row["id"]): from_row(row) for row in rows}

    async def save_many(self, changed: Sequence[Changed], lease: Lease | None = None) -> None:
        """Two statements, however many: the states, and the events in the outbox."""
        if not changed:
            return
        rows = await self._sql.fetch(
            """
            update messages m
            set state = t.state, version = t.version, attempts = t.attempts,
                retry_at = t.retry_at, detail = t.detail, ended_at = t.ended_at,
                seal_kid = case when t.sealed then m.seal_kid end,
                seal_jwe = case when t.sealed then m.seal_jwe end,
                seal_expires_at = case when t.sealed then m.seal_expires_at end,
                lease_token = $9, lease_until = $10
            from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::int[],
                        $6::timestamptz[], $7::text[], $8::timestamptz[], $11::boolean[])
                 as t(id, loaded, state, version, attempts, retry_at, detail, ended_at, sealed)
            where m.id = t.id and m.version = t.loaded
            returning m.id""",
            [message.id for message, _ in changed],
            [message.version - len(events) for message, events in changed],
            [message.state for message, _ in changed],
            [message.version for message, _ in changed],
            [message.attempts for message, _ in changed],
            [message.retry_at for message, _ in changed],
            [message.detail for message, _ in changed],
            [message.ended_at for message, _ in changed],
            lease.token if lease else None,
            lease.until if lease else None,
            [message.seal is not None for message, _ in changed],
        )
        if len(rows) != len(changed):
            raise Stale("another process has settled one of these messages")
        await self._publish.messages([event for _, events in changed for event in events])
        if any(message.state is State.QUEUED for message, _ in changed):
            self._wake()


ADDRESSED = """
    c.version as contact_version, c.name as contact_name, c.email, c.email_ascii, c.language,
    c.timezone, c.notifications_enabled as contact_enabled,
    b.version as brand_version, b.name as brand_name, b.support_email, b.sandbox,
    b.notifications_enabled as brand_enabled, o.name as offer_name"""


def addressed_from_row(row: Any) -> Addressed:
    message = from_row(row)
    contact = Contact(
        message.partner_id,
        message.customer_id,
        row["contact_version"],
        row["contact_name"],
        row["email"],
        row["email_ascii"],
        row["language"],
        row["timezone"],
        row["contact_enabled"],
    )
    brand = Brand(
        message.partner_id,
        row["brand_version"],
        row["brand_name"],
        row["support_email"],
        row["sandbox"],
        row["brand_enabled"],
    )
    return Addressed(message, contact, brand, row["offer_name"])


def from_row(row: Any) -> Message:
    return Message(
        id=row["id"],
        partner_id=row["partner_id"],
        customer_id=row["customer_id"],
        subscription_id=row["subscription_id"],
        template=Template(row["template"]),
        facts=row["facts"],
        cause=Cause(
            row["cause_event_id"],
            row["cause_at"],
            row["actor"],
            row["correlation_id"],
            row["traceparent"],
        ),
        since=row["since"],
        state=State(row["state"]),
        version=row["version"],
        seal=_seal(row),
        attempts=row["attempts"],
        retry_at=row["retry_at"],
        detail=row["detail"],
        ended_at=row["ended_at"],
    )


def _seal(row: Any) -> Seal | None:
    if row["seal_jwe"] is None:
        return None
    return Seal(row["seal_kid"], row["seal_jwe"], row["seal_expires_at"])


def _new_row(message: Message) -> tuple[object, ...]:
    cause, seal = message.cause, message.seal
    return (
        message.id,
        message.partner_id,
        message.customer_id,
        message.subscription_id,
        message.template,
        orjson.dumps(message.facts).decode(),
        cause.event_id,
        cause.at,
        cause.actor,
        cause.correlation_id,
        cause.traceparent,
        message.since,
        message.state,
        seal.kid if seal else None,
        seal.jwe if seal else None,
        seal.expires_at if seal else None,
    )


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
