"""The only SQL that writes customer accounts."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import asyncpg
import orjson

from services.customers.adapters.published import to_contract
from services.customers.domain.customer import (
    Customer,
    CustomerId,
    CustomerKey,
    CustomerNotFound,
    CustomerStale,
    Identity,
    IdentityKind,
)
from services.customers.domain.details import Address, CustomerType
from services.customers.domain.email import Email
from services.customers.use_cases.ports import ChangedCustomer
from shared.ids import PartnerId
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql

_COLUMNS = (
    ("id", "text"),
    ("partner_id", "text"),
    ("version", "bigint"),
    ("reference", "text"),
    ("type", "text"),
    ("name", "text"),
    ("email", "text"),
    ("email_ascii", "text"),
    ("email_key", "text"),
    ("phone", "text"),
    ("vat_number", "text"),
    ("address", "text"),
    ("timezone", "text"),
    ("language", "text"),
    ("notifications_enabled", "boolean"),
    ("sign_in_enabled", "boolean"),
    ("claims_email", "boolean"),
    ("told_at", "timestamptz"),
    ("created_at", "timestamptz"),
)
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_ARRAYS = ", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(_COLUMNS, 1))
_VALUES = ", ".join(
    "t.address::jsonb" if name == "address" else f"t.{name}" for name, _ in _COLUMNS
)
_SET = ", ".join(
    f"{name} = " + ("t.address::jsonb" if name == "address" else f"t.{name}")
    for name, _ in _COLUMNS
    if name not in {"id", "partner_id", "created_at"}
)
# Built of the constants above alone.
_INSERT = f"insert into customers({_NAMES}) select {_VALUES} from unnest({_ARRAYS}) as t({_NAMES})"  # noqa: S608
_UPDATE = f"""
    update customers c set {_SET}
    from unnest({_ARRAYS}, ${len(_COLUMNS) + 1}::bigint[]) as t({_NAMES}, known)
    where c.partner_id = t.partner_id and c.id = t.id and c.version = t.known
    returning c.id"""  # noqa: S608


class CustomerRepository:
    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    async def find(self, identities: Collection[Identity]) -> dict[Identity, Customer]:
        if not identities:
            return {}
        references = sorted(each for each in identities if each.kind is IdentityKind.REFERENCE)
        emails = sorted(each for each in identities if each.kind is IdentityKind.EMAIL)
        # Two joins, each with an index of its own: one with OR would read all of a partner's people.
        rows = await self._sql.fetch(
            """
            select * from customers where id in (
                select c.id from customers c
                join unnest($1::text[], $2::text[]) as w(partner_id, reference)
                  on c.partner_id = w.partner_id and c.reference = w.reference
                union
                select c.id from customers c
                join unnest($3::text[], $4::text[]) as w(partner_id, email_key)
                  on c.partner_id = w.partner_id and c.email_key = w.email_key and c.claims_email)
            order by id for update""",
            [each.partner_id for each in references],
            [each.value for each in references],
            [each.partner_id for each in emails],
            [each.value for each in emails],
        )
        customers = [customer_from_row(row) for row in rows]
        return {identity: each for each in customers for identity in each.identities}

    async def get(self, key: CustomerKey) -> Customer:
        row = await self._sql.fetchrow(
            "select * from customers where partner_id = $1 and id = $2 for update", *key
        )
        if row is None:
            raise CustomerNotFound(
                f"no customer {key.id}", way_out="List the customers and take an id from there."
            )
        return customer_from_row(row)

    async def save_many(self, changed: Sequence[ChangedCustomer]) -> None:
        new = [each for each, said in changed if each.version == len(said)]
        known = [
            (each, each.version - len(said)) for each, said in changed if each.version > len(said)
        ]
        try:
            await self._insert(new)
            await self._update(known)
        except asyncpg.UniqueViolationError:
            raise CustomerStale("somebody else has just made one of these customers") from None
        await self._outbox.add(
            [
                Outgoing(to_contract(event, origin.actor), origin, event.at)
                for _, said in changed
                for event, origin in said
            ]
        )

    async def _insert(self, customers: Sequence[Customer]) -> None:
        if customers:
            # In one order everywhere, so that two batches with the same new people do not lock up.
            ordered = sorted(customers, key=lambda each: (each.partner_id, each.email.key))
            await self._sql.execute(_INSERT, *_arrays(ordered))

    async def _update(self, known: Sequence[tuple[Customer, int]]) -> None:
        if not known:
            return
        customers = [each for each, _ in known]
        versions = [version for _, version in known]
        rows = await self._sql.fetch(_UPDATE, *_arrays(customers), versions)
        if len(rows) < len(known):
            raise CustomerStale("another transaction has changed one of these customers")


def customer_from_row(row: Any) -> Customer:
    return Customer(
        id=CustomerId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        version=row["version"],
        reference=row["reference"],
        type=CustomerType(row["type"]),
        name=row["name"],
        email=Email(row["email"], row["email_ascii"]),
        phone=row["phone"],
        vat_number=row["vat_number"],
        address=None if row["address"] is None else Address(**row["address"]),
        timezone=row["timezone"],
        language=row["language"],
        notifications_enabled=row["notifications_enabled"],
        sign_in_enabled=row["sign_in_enabled"],
        claims_email=row["claims_email"],
        told_at=row["told_at"],
        created_at=row["created_at"],
    )


def _arrays(customers: Sequence[Customer]) -> list[list[Any]]:
    return [list(column) for column in zip(*map(_to_row, customers), strict=True)]


def _to_row(customer: Customer) -> tuple[Any, ...]:
    address = customer.address and orjson.dumps(asdict(customer.address)).decode()
    return (
        customer.id,
        customer.partner_id,
        customer.version,
        customer.reference,
        customer.type.value,
        customer.name,
        customer.email.text,
        customer.email.ascii,
        customer.email.key,
        customer.phone,
        customer.vat_number,
        address,
        customer.timezone,
        customer.language,
        customer.notifications_enabled,
        customer.sign_in_enabled,
        customer.claims_email,
        customer.told_at,
        customer.created_at,
    )
