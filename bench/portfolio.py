"""Contracts that fall due month after month, written by COPY as billing itself would store them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bench.server import Connection
from services.billing.adapters.rows import terms_to
from services.billing.domain.contract import CustomerId, Item, Terms
from services.billing.domain.renewal import REMIND_DAYS, RUN_AFTER
from services.billing.domain.schedule import Schedule
from shared.calendar import Interval, days_later
from shared.ids import PartnerId, new_id

PARTNER = PartnerId("ptn_bench")
GATEWAY = "cards"
ZONE = "Europe/Berlin"
MONTHLY = Interval("month")
SCHEDULE = Schedule(date(2026, 1, 15), 0, ZONE, MONTHLY)
PRICE_MINOR = 1999
CHUNK = 10_000


@dataclass(frozen=True)
class Month:
    """Period `no` of every contract; all of them fall due at one instant."""

    no: int

    @property
    def begins(self) -> datetime:
        return SCHEDULE.start(self.no)

    @property
    def ends(self) -> datetime:
        return SCHEDULE.start(self.no + 1)

    @property
    def renews_at(self) -> datetime:
        return self.begins + RUN_AFTER

    @property
    def reminds_at(self) -> datetime:
        return days_later(self.begins, -REMIND_DAYS, ZONE)


async def seed(connections: Sequence[Connection], contracts: int, due: int | None = None) -> None:
    """So many activated monthly contracts in each of the databases, the same in all.

    The first `due` of them (all, unless told) renew with the second month; the others much later.
    """
    for first in range(0, contracts, CHUNK):
        rows = [
            _Seeded(new_id("sub"), new_id("cus"), is_due=due is None or n < due)
            for n in range(first, min(first + CHUNK, contracts))
        ]
        for connection in connections:
            await _copy(connection, rows)
    for connection in connections:
        await connection.execute("vacuum analyze")


@dataclass(frozen=True, slots=True)
class _Seeded:
    subscription_id: str
    customer_id: str
    is_due: bool

    def contract(self) -> tuple[Any, ...]:
        return (
            self.subscription_id,
            PARTNER,
            f"chk_{self.subscription_id}",
            f"corr_{self.subscription_id}",
            _terms(CustomerId(self.customer_id)),
            GATEWAY,
            f"pm_{self.customer_id}",
            SCHEDULE.anchor_on,
            SCHEDULE.anchor_no,
            1,
            0,
            _next(self.is_due).begins,
            1,
            False,
            4,
            "current",
            Month(1).begins,
        )

    def timers(self) -> Iterator[tuple[Any, ...]]:
        month = _next(self.is_due)
        for kind, at in (("renewal", month.renews_at), ("reminder", month.reminds_at)):
            correlation_id = f"corr_{self.subscription_id}"
            yield kind, self.subscription_id, "1", at, PARTNER, False, correlation_id

    def opened(self) -> tuple[Any, ...]:
        month = Month(0)
        return self.subscription_id, 0, PARTNER, month.begins, month.ends, "payment"


async def _copy(connection: Connection, rows: "list[_Seeded]") -> None:
    async with connection.transaction():
        await connection.copy_records_to_table(
            "contracts", records=[each.contract() for each in rows], columns=CONTRACT
        )
        await connection.copy_records_to_table(
            "timers", records=[timer for each in rows for timer in each.timers()], columns=TIMER
        )
        await connection.copy_records_to_table(
            "opened_periods", records=[each.opened() for each in rows], columns=OPENED
        )


def _next(is_due: bool) -> Month:
    return Month(1 if is_due else 600)


def _terms(customer_id: CustomerId) -> str:
    return terms_to(
        Terms(
            version=3,
            status="active",
            customer_id=customer_id,
            bill_to=customer_id,
            currency="EUR",
            zone=ZONE,
            interval=MONTHLY,
            trial_days=0,
            items=(Item("itm_1", "hosting", 1, PRICE_MINOR),),
            anchor_on=SCHEDULE.anchor_on,
            periods_opened=1,
            next_boundary_at=Month(1).begins,
        )
    )


CONTRACT = (
    "subscription_id",
    "partner_id",
    "checkout_id",
    "correlation_id",
    "terms",
    "gateway",
    "method_ref",
    "anchor_on",
    "anchor_no",
    "periods_opened",
    "periods_granted",
    "renews_at",
    "timers_no",
    "is_rejected",
    "version",
    "standing",
    "paid_through",
)
TIMER = ("kind", "subject", "due_key", "due_at", "partner_id", "sandbox", "correlation_id")
OPENED = ("subscription_id", "period_no", "partner_id", "starts_at", "ends_at", "opened_by")
