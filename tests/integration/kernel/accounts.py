"""A service in one file, to try the kernel with: accounts are credited, say so, remember each time.

Its two messages have types that begin with `test.`; they are no part of the platform's contracts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from pydantic import Field
from typing_extensions import override

from shared.clock import system_now
from shared.consumer import Consumer
from shared.contracts.event import Change, EventContract, State
from shared.database import Database, plain_url
from shared.ids import PartnerId
from shared.outbox import Outgoing
from shared.received import Received
from shared.schema import KERNEL_0001
from shared.sql import Sql
from shared.transaction import Transaction, Transactions

PARTNER = PartnerId("ptn_1")
TABLES = (
    "create table account(id text primary key, version bigint not null, balance bigint not null)",
    """
    create table effect(
        n bigint generated always as identity primary key,
        event_id uuid not null,
        account text not null,
        amount bigint not null
    )""",
)


class CreditState(State):
    """An order to credit an account; the account's id is the Kafka key."""

    id: str
    account_id: str
    amount: int
    notes: dict[str, str] = Field(default_factory=dict)

    @property
    @override
    def key(self) -> str:
        return self.account_id

    @property
    @override
    def subject(self) -> str:
        return self.id


class CreditOrdered(EventContract):
    """What the accounts listen to; an amount below zero is a fault that no handler can handle."""

    type = "test.credit_ordered"
    state = "credit"
    credit: CreditState


class AccountState(State):
    id: str
    balance: int

    @property
    @override
    def key(self) -> str:
        return self.id


class AccountCredited(EventContract):
    """What the accounts publish."""

    type = "test.account_credited"
    state = "account"
    account: AccountState
    change: Change


class NegativeAmount(Exception):
    """A handler's own failure."""


@dataclass
class Account:
    id: str
    version: int = 0
    balance: int = 0

    def credit(self, amount: int, at: datetime, partner: str = PARTNER) -> AccountCredited:
        if amount < 0:
            raise NegativeAmount(f"{amount} for {self.id}")
        self.version += 1
        self.balance += amount
        state = AccountState(
            partner_id=partner, version=self.version, id=self.id, balance=self.balance
        )
        return AccountCredited(account=state, change=Change(kind="credit", actor="test", at=at))


@dataclass
class Accounts:
    """The service: its consumer, and what its handler shall do besides its work."""

    url: str
    transactions: Transactions
    consumer: Consumer[Transaction]
    seen: list[str] = field(default_factory=list)

    async def credit(self, received: Sequence[Received[CreditOrdered]], tx: Transaction) -> None:
        at = system_now()
        self.seen += [each.event.credit.id for each in received]
        accounts = await _locked(tx.sql, {each.event.credit.account_id for each in received})
        outgoing: list[Outgoing] = []
        for each in received:
            account = accounts[each.event.credit.account_id]
            order = each.event.credit
            event = account.credit(order.amount, at, order.partner_id)
            outgoing.append(Outgoing(event, each.origin, at))
        await _save(tx.sql, list(accounts.values()))
        await _remember(tx.sql, received)
        await tx.outbox.add(outgoing)

    async def rows(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(plain_url(self.url))
        try:
            return [tuple(row) for row in await connection.fetch(query, *args)]
        finally:
            await connection.close()

    async def amounts(self) -> dict[str, list[int]]:
        """What took effect, by account, in the order in which it did."""
        found: dict[str, list[int]] = {}
        for account, amount in await self.rows("select account, amount from effect order by n"):
            found.setdefault(account, []).append(amount)
        return found

    async def letters(self) -> list[tuple[str, str]]:
        """State and reason of every record that waits or is dead, the oldest first."""
        rows = await self.rows("select state, reason from parked order by n")
        return [(state, reason) for state, reason in rows]

    async def close(self) -> None:
        await self.transactions.database.close()


async def open_accounts(url: str, *, tables: bool = True, name: str = "accounts") -> Accounts:
    """Over an empty database; without `tables` over one where another has made them."""
    if tables:
        await make_tables(url)
    transactions = Transactions(Database(url, name=name), "/perennial/accounts")
    consumer = Consumer[Transaction](transactions.begin)
    accounts = Accounts(url, transactions, consumer)
    consumer.on(CreditOrdered)(accounts.credit)
    return accounts


async def make_tables(url: str) -> None:
    connection = await asyncpg.connect(plain_url(url))
    for statement in (*KERNEL_0001, *TABLES):
        await connection.execute(statement)
    await connection.close()


async def _locked(sql: Sql, ids: set[str]) -> dict[str, Account]:
    await sql.execute(
        """
        insert into account(id, version, balance)
        select id, 0, 0 from unnest($1::text[]) as t(id) on conflict do nothing""",
        sorted(ids),
    )
    rows = await sql.fetch(
        "select * from account where id = any($1::text[]) order by id for update", sorted(ids)
    )
    return {row["id"]: Account(row["id"], row["version"], row["balance"]) for row in rows}


async def _save(sql: Sql, accounts: Sequence[Account]) -> None:
    await sql.execute(
        """
        update account set version = t.version, balance = t.balance
        from unnest($1::text[], $2::bigint[], $3::bigint[]) as t(id, version, balance)
        where account.id = t.id""",
        [each.id for each in accounts],
        [each.version for each in accounts],
        [each.balance for each in accounts],
    )


async def _remember(sql: Sql, received: Sequence[Received[CreditOrdered]]) -> None:
    await sql.execute(
        """
        insert into effect(event_id, account, amount)
        select * from unnest($1::uuid[], $2::text[], $3::bigint[])""",
        [each.id for each in received],
        [each.event.credit.account_id for each in received],
        [each.event.credit.amount for each in received],
    )
