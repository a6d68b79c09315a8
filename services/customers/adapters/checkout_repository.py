"""The only SQL that writes checkouts."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import asyncpg
import orjson

from services.customers.adapters.published import to_contract
from services.customers.domain.checkout import (
    Checkout,
    CheckoutId,
    CheckoutKey,
    CheckoutNotFound,
    CheckoutStale,
    CheckoutStatus,
)
from services.customers.domain.customer import CustomerId
from services.customers.domain.order_form import OrderedItem, Payment
from services.customers.domain.rejection import Rejection
from services.customers.use_cases.ports import ChangedCheckout
from shared.ids import PartnerId
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql


class CheckoutRepository:
    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def digests(self, keys: Collection[CheckoutKey]) -> dict[CheckoutKey, bytes]:
        rows = await self._sql.fetch(
            """
            select c.partner_id, c.id, c.digest from checkouts c
            join unnest($1::text[], $2::text[]) as k(partner_id, id)
              on c.id = k.id and c.partner_id = k.partner_id""",
            *_columns(sorted(keys)),
        )
        return {
            CheckoutKey(PartnerId(row["partner_id"]), CheckoutId(row["id"])): bytes(row["digest"])
            for row in rows
        }

    async def get_many(self, keys: Collection[CheckoutKey]) -> dict[CheckoutKey, Checkout]:
        rows = await self._sql.fetch(
            """
            select c.* from checkouts c
            join unnest($1::text[], $2::text[]) as k(partner_id, id)
              on c.id = k.id and c.partner_id = k.partner_id
            order by c.id for update of c""",
            *_columns(sorted(keys)),
        )
        found = {each.key: each for each in map(checkout_from_row, rows)}
        if missing := sorted(set(keys) - found.keys()):
            raise CheckoutNotFound(f"no checkout {missing[0].id}")
        return found

    async def add_many(self, changed: Sequence[ChangedCheckout]) -> None:
        if not changed:
            return
        ordered = sorted((each for each, _, _ in changed), key=lambda each: each.key)
        try:
            await self._sql.execute(
                """
                insert into checkouts(id, partner_id, reference, source, digest, status, version,
                                      customer_id, offer, currency, items, timezone, price_trusted,
                                      payment, metadata, subscription_id, rejection, received_at,
                                      ended_at)
                select id, partner_id, reference, source, digest, status, version, customer_id,
                       offer, currency, items::jsonb, timezone, price_trusted, payment::jsonb,
                       metadata::jsonb, subscription_id, rejection::jsonb, received_at, ended_at
                from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[],
                            $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[],
                            $11::text[], $12::text[], $13::boolean[], $14::text[], $15::text[],
                            $16::text[], $17::text[], $18::timestamptz[], $19::timestamptz[])
                     as t(id, partner_id, reference, source, digest, status, version, customer_id,
                          offer, currency, items, timezone, price_trusted, payment, metadata,
                          subscription_id, rejection, received_at, ended_at)""",
                *(list(column) for column in zip(*map(_to_row, ordered), strict=True)),
            )
        except asyncpg.UniqueViolationError:
            raise CheckoutStale("another transaction has just received one of these") from None
        await self._tell(changed)

    async def save_many(self, changed: Sequence[ChangedCheckout]) -> None:
        """Only an end is ever written, and only over an accepted one."""
        if not changed:
            return
        ended = [each for each, _, _ in changed]
        rows = await self._sql.fetch(
            """
            update checkouts c
            set status = t.status, version = t.version, subscription_id = t.subscription_id,
                rejection = t.rejection::jsonb, ended_at = t.ended_at
            from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[],
                        $7::timestamptz[])
                 as t(id, partner_id, status, version, subscription_id, rejection, ended_at)
            where c.id = t.id and c.partner_id = t.partner_id and c.status = 'accepted'
            returning c.id""",
            [each.id for each in ended],
            [each.partner_id for each in ended],
            [each.status.value for each in ended],
            [each.version for each in ended],
            [each.subscription_id for each in ended],
            [_json(each.rejection) for each in ended],
            [each.ended_at for each in ended],
        )
        if len(rows) < len(ended):
            raise CheckoutStale("another transaction has ended one of these")
        await self._tell(changed)

    async def _tell(self, changed: Sequence[ChangedCheckout]) -> None:
        await self._outbox.add(
            [
                Outgoing(to_contract(event, origin.actor), origin, event.at)
                for _, events, origin in changed
                for event in events
            ]
        )


def checkout_from_row(row: Any) -> Checkout:
    rejection = row["rejection"]
    customer_id = row["customer_id"]
    return Checkout(
        id=CheckoutId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        reference=row["reference"],
        source=row["source"],
        digest=bytes(row["digest"]),
        status=CheckoutStatus(row["status"]),
        version=row["version"],
        customer_id=None if customer_id is None else CustomerId(customer_id),
        offer=row["offer"],
        currency=row["currency"],
        items=tuple(OrderedItem(**each) for each in row["items"]),
        timezone=row["timezone"],
        price_trusted=row["price_trusted"],
        payment=Payment(**row["payment"]),
        metadata=row["metadata"],
        subscription_id=row["subscription_id"],
        rejection=None if rejection is None else Rejection(**rejection),
        received_at=row["received_at"],
        ended_at=row["ended_at"],
    )


def _columns(keys: Sequence[CheckoutKey]) -> tuple[list[str], list[str]]:
    return [key.partner_id for key in keys], [key.id for key in keys]


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _to_row(checkout: Checkout) -> tuple[Any, ...]:
    return (
        checkout.id,
        checkout.partner_id,
        checkout.reference,
        checkout.source,
        checkout.digest,
        checkout.status.value,
        checkout.version,
        checkout.customer_id,
        checkout.offer,
        checkout.currency,
        _json([asdict(each) for each in checkout.items]),
        checkout.timezone,
        checkout.price_trusted,
        _json(asdict(checkout.payment)),
        _json(dict(checkout.metadata)),
        checkout.subscription_id,
        _json(checkout.rejection),
        checkout.received_at,
        checkout.ended_at,
    )
