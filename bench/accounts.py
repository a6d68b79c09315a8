"""A service of the smallest kind: it hears of periods, counts them for each account, tells of it.

Its events are borrowed from billing, since a contract of its own would have to be published.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from typing_extensions import override

from shared.consumer import Consumer
from shared.contracts.billing import PaymentMethodChanged, PeriodOpened, Standing
from shared.contracts.event import Change
from shared.contracts.subscriptions import Period
from shared.ids import derived_id
from shared.outbox import Outgoing
from shared.received import Received
from shared.record import Record
from shared.schema import KERNEL_0001
from shared.transaction import Transaction, Transactions

PARTNER = "ptn_bench"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = (
    *KERNEL_0001,
    """
    create table accounts(
        id text primary key,
        version bigint not null,
        periods int not null
    ) with (fillfactor = 60)""",
)


def account_ids(count: int) -> list[str]:
    return [derived_id("sub", n) for n in range(count)]


def periods(records: int, ids: Sequence[str], seed: int) -> list[PeriodOpened]:
    """Events in an order that the seed decides; versions of an account go up by one."""
    random, versions, found = Random(seed), dict.fromkeys(ids, 0), []
    for n in range(records):
        account = random.choice(ids)
        versions[account] += 1
        at = BEGINNING + timedelta(seconds=n)
        found.append(
            PeriodOpened(
                standing=Standing(
                    partner_id=PARTNER,
                    version=versions[account],
                    subscription_id=account,
                    status="current",
                ),
                change=Change(kind="payment", actor="service:bench", at=at),
                period=Period(no=versions[account], start=at, end=at + timedelta(days=30)),
                by="payment",
            )
        )
    return found


class Counting(Consumer[Transaction]):
    """Knows how many records have been handled, and when the first poll of several was."""

    def __init__(self, transactions: Transactions, expected: int) -> None:
        super().__init__(partial(transactions.begin, in_sets=True))
        self.first = time.perf_counter(), 0
        self.last_at = 0.0
        self.all_done = asyncio.Event()
        self._expected = expected
        self._delivered = 0

    @override
    async def deliver(self, records: Sequence[Record]) -> None:
        await super().deliver(records)
        self._delivered += len(records)
        self.last_at = time.perf_counter()
        if not self.first[1] and self._delivered < self._expected:
            self.first = self.last_at, self._delivered
        if self._delivered >= self._expected:
            self.all_done.set()


def accounts(transactions: Transactions, expected: int) -> Counting:
    """One state update and one event for each record; the account's row is locked before."""
    consumer = Counting(transactions, expected)

    @consumer.on(PeriodOpened)
    async def count(events: Sequence[Received[PeriodOpened]], tx: Transaction) -> None:
        ids = sorted({each.event.standing.subscription_id for each in events})
        rows = await tx.sql.fetch(
            "select id, version, periods from accounts where id = any($1::text[]) "
            "order by id for update",
            ids,
        )
        known = {row["id"]: (row["version"], row["periods"]) for row in rows}
        outgoing = []
        for each in events:
            account = each.event.standing.subscription_id
            version, counted = known[account]
            known[account] = version + 1, counted + 1
            outgoing.append(_said(account, version + 1, each))
        changed = [(account, *known[account]) for account in ids]
        await tx.sql.execute(
            """
            update accounts a set version = t.version, periods = t.periods
            from unnest($1::text[], $2::bigint[], $3::int[]) as t(id, version, periods)
            where a.id = t.id""",
            *map(list, zip(*changed, strict=True)),
        )
        await tx.outbox.add(outgoing)

    return consumer


def _said(account: str, version: int, heard: Received[PeriodOpened]) -> Outgoing:
    at = heard.event.change.at
    event = PaymentMethodChanged(
        standing=Standing(
            partner_id=PARTNER, version=version, subscription_id=account, status="current"
        ),
        change=Change(kind="period", actor="service:bench", at=at),
        gateway="cards",
        method_ref="pm_bench",
    )
    return Outgoing(event, heard.origin, at)
