"""Subscriptions in any number, written by COPY as their service stores them, and a reader's key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from bench.server import Connection
from services.subscriptions.adapters.subscription_rows import BORN, MOVING, born, moving
from services.subscriptions.domain.item import Item
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.standing import Standing, StandingStatus
from services.subscriptions.domain.subscription import CustomerId, Subscription, SubscriptionId
from services.subscriptions.domain.term import Anchor, Running
from shared.calendar import Interval
from shared.ids import PartnerId, new_id

PARTNER = PartnerId("ptn_bench")
KEY = "sk_live_bench"
BEGINNING = datetime(2026, 1, 15, tzinfo=UTC)
CHUNK = 20_000


async def let_in(connection: Connection) -> None:
    """The key that the reader shows."""
    await connection.execute(
        "insert into api_keys(hash, id, partner_id, scopes, status, version) "
        "values ($1, 'key_bench', $2, '{subscriptions:read}', 'active', 1)",
        sha256(KEY.encode()).hexdigest(),
        PARTNER,
    )


async def fill(connection: Connection, first: int, count: int) -> None:
    """Numbers `first` to `first + count`; the later ones are newer."""
    for begin in range(first, first + count, CHUNK):
        end = min(begin + CHUNK, first + count)
        await connection.copy_records_to_table(
            "subscriptions", records=list(_rows(begin, end)), columns=[*BORN, *MOVING]
        )
    await connection.execute("vacuum analyze subscriptions")
    # What the server has still to write would be measured with the first reads.
    await connection.execute("checkpoint")


def _rows(begin: int, end: int) -> Iterator[tuple[Any, ...]]:
    moved = moving(ONE)
    for n in range(begin, end):
        it = replace(
            ONE,
            id=SubscriptionId(new_id("sub")),
            customer_id=CustomerId(new_id("cus")),
            checkout_id=f"chk_{n}",
            checkout_reference=f"shop-{n}",
            created_at=BEGINNING + timedelta(seconds=n),
        )
        yield *born(it), *moved


ONE = Subscription(
    id=SubscriptionId("sub_one"),
    partner_id=PARTNER,
    customer_id=CustomerId("cus_one"),
    bill_to="cus_one",
    checkout_id="chk_one",
    checkout_reference="shop-one",
    offer="hosting-basic",
    interval=Interval("month"),
    currency="EUR",
    timezone="Europe/Berlin",
    items=(Item("itm_one", "hosting", 1, 1999),),
    trial_days=0,
    end_of_term=EndOfTerm.SUSPEND,
    created_at=BEGINNING,
    version=3,
    first_opened_at=BEGINNING,
    activated_at=BEGINNING,
    anchor=Anchor(date(2026, 1, 15), 0),
    running=Running(0, BEGINNING),
    opened=frozenset({0}),
    standing=Standing(4, StandingStatus.CURRENT),
    obeyed=Standing(4, StandingStatus.CURRENT),
)
