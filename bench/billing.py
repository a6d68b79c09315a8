"""Billing's timers and charges as they run in production, at an instant that the run chooses."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import httpx2

from bench.portfolio import Month
from services.billing.adapters.sql_transaction import SqlTransactions
from services.billing.app import build_context
from services.billing.context import EdgeTransaction
from services.billing.intents.charges import Batch, charges
from services.billing.settings import Settings
from services.billing.timers.due import fire_billing_timers
from services.billing.use_cases.ports import ChargeAnswer, PaymentGateway
from shared.database import Database
from shared.intents import IntentLoop
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

PATIENCE_SECONDS = 600


class NotDone(Exception):
    """The renewals did not come to their end; a measurement of that would mean nothing."""


@dataclass
class Billing:
    """One process of the service without sockets and Kafka; `now` is what live partners' clocks show."""

    transactions: Transactions
    timers: TimerLoop[EdgeTransaction]
    charges: IntentLoop[Batch, Sequence[ChargeAnswer]]
    now: datetime

    async def remind(self, month: Month) -> None:
        """Three days before; what is said then is not measured."""
        self.now = month.reminds_at
        while await self.timers.fire_due():
            pass

    async def renew(self, month: Month) -> float:
        """All that are due, invoiced and paid; the seconds from the instant to the last commit."""
        self.now = month.renews_at
        begun = time.perf_counter()
        # Between its months it asks the database for nothing: another one may be measured then.
        loops = [
            asyncio.create_task(each.run(self.transactions.wake))
            for each in (self.timers, self.charges)
        ]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await self._busy():  # noqa: ASYNC110  the loops themselves tell nobody
                    await asyncio.sleep(0.02)
            return time.perf_counter() - begun
        except TimeoutError:
            raise NotDone(f"the renewals took longer than {PATIENCE_SECONDS} s") from None
        finally:
            for each in loops:
                each.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    async def _busy(self) -> bool:
        async with self.transactions.begin() as tx:
            first_due = await tx.sql.fetchval(FIRST_DUE)
            return first_due <= self.now or bool(await tx.sql.fetchval(UNDER_WAY))


# Both are answered from the partial indexes that the loops themselves use.
FIRST_DUE = """
    select due_at from timers where fired_at is null and not sandbox order by due_at limit 1"""
UNDER_WAY = """
    select (select count(*) from payment_attempts where state = 'created')
         + (select count(*) from payment_attempts where state in ('sent', 'unknown'))"""


async def _nothing_to_hear() -> None:
    """Nobody decides anything while renewals are measured."""


@asynccontextmanager
async def running_billing(
    url: str, gateways: Mapping[str, PaymentGateway]
) -> AsyncIterator[Billing]:
    settings = Settings(database_url=url, kafka_bootstrap="nowhere:9092")
    begins = Month(0).begins

    def live() -> datetime:
        return billing.now

    database = Database(url, name="billing", pool_size=settings.pool_size)
    transactions = Transactions(database, "/perennial/billing", live)
    async with httpx2.AsyncClient() as client:
        context = replace(build_context(settings, transactions, client), gateways=gateways)
        in_sets = replace(context, begin=SqlTransactions(transactions, in_sets=True).begin)
        timers = TimerLoop[EdgeTransaction](context.begin, live)
        fire_billing_timers(timers)
        # As in the service: before renewals fire it is looked whether any are due.
        timers.before_fire["renewal"] = _nothing_to_hear
        billing = Billing(transactions, timers, charges(in_sets), begins)
        try:
            yield billing
        finally:
            await database.close()
