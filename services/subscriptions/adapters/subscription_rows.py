"""One row of `subscriptions`: its columns, and the way from and to the aggregate.

`jsonb` goes in as text and comes out decoded.
"""

from typing import Any

import orjson
from pydantic import TypeAdapter

from services.subscriptions.domain.hold import Hold
from services.subscriptions.domain.item import Item
from services.subscriptions.domain.labels import facet
from services.subscriptions.domain.offer import EndOfTerm
from services.subscriptions.domain.standing import Standing
from services.subscriptions.domain.subscription import (
    CustomerId,
    Subscription,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.domain.term import Anchor, Running
from shared.calendar import Interval
from shared.ids import PartnerId

ITEMS = TypeAdapter(tuple[Item, ...])
HOLDS = TypeAdapter(tuple[Hold, ...])
STANDING = TypeAdapter(Standing)
# Columns by type: those that a subscription is born with, and those that move.
BORN = {
    "partner_id": "text",
    "id": "text",
    "customer_id": "text",
    "bill_to": "text",
    "checkout_id": "text",
    "checkout_reference": "text",
    "offer": "text",
    "interval_unit": "text",
    "interval_count": "int",
    "currency": "text",
    "timezone": "text",
    "trial_days": "int",
    "end_of_term": "text",
    "created_at": "timestamptz",
    "minimum_periods": "int",
}
MOVING = {
    "version": "bigint",
    "status": "text",
    "facet": "text",
    "items": "jsonb",
    "first_opened_at": "timestamptz",
    "activated_at": "timestamptz",
    "anchor_on": "date",
    "anchor_period_no": "int",
    "running_no": "int",
    "running_since": "timestamptz",
    "opened": "jsonb",
    "settled": "jsonb",
    "granted": "int",
    "grants": "jsonb",
    "covered_until": "timestamptz",
    "ends_at": "timestamptz",
    "canceled_at": "timestamptz",
    "terminated_at": "timestamptz",
    "holds": "jsonb",
    "standing": "jsonb",
    "obeyed": "jsonb",
}


def born(it: Subscription) -> tuple[object, ...]:
    """In the order of `BORN`."""
    return (
        it.partner_id,
        it.id,
        it.customer_id,
        it.bill_to,
        it.checkout_id,
        it.checkout_reference,
        it.offer,
        it.interval.unit,
        it.interval.count,
        it.currency,
        it.timezone,
        it.trial_days,
        it.end_of_term.value,
        it.created_at,
        it.minimum_periods,
    )


def moving(it: Subscription) -> tuple[object, ...]:
    """In the order of `MOVING`. Status, facet and end are stored for the queries only."""
    return (
        it.version,
        it.status.value,
        facet(it).value,
        ITEMS.dump_json(it.items).decode(),
        it.first_opened_at,
        it.activated_at,
        it.anchor.on if it.anchor else None,
        it.anchor.period_no if it.anchor else None,
        it.running.no if it.running else None,
        it.running.start if it.running else None,
        orjson.dumps(sorted(it.opened)).decode(),
        orjson.dumps(sorted(it.settled)).decode(),
        it.granted,
        orjson.dumps(it.grants).decode(),
        it.covered_until,
        it.ends_at,
        it.canceled_at,
        it.terminated_at,
        HOLDS.dump_json(it.holds).decode(),
        STANDING.dump_json(it.standing).decode(),
        STANDING.dump_json(it.obeyed).decode(),
    )


def key_of(row: Any) -> SubscriptionKey:
    return SubscriptionKey(PartnerId(row["partner_id"]), SubscriptionId(row["id"]))


def from_row(row: Any) -> Subscription:
    return Subscription(
        id=SubscriptionId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        customer_id=CustomerId(row["customer_id"]),
        bill_to=row["bill_to"],
        checkout_id=row["checkout_id"],
        checkout_reference=row["checkout_reference"],
        offer=row["offer"],
        interval=Interval(row["interval_unit"], row["interval_count"]),
        currency=row["currency"],
        timezone=row["timezone"],
        items=ITEMS.validate_python(row["items"]),
        trial_days=row["trial_days"],
        end_of_term=EndOfTerm(row["end_of_term"]),
        created_at=row["created_at"],
        minimum_periods=row["minimum_periods"],
        version=row["version"],
        first_opened_at=row["first_opened_at"],
        activated_at=row["activated_at"],
        anchor=_anchor(row),
        running=_running(row),
        opened=frozenset(row["opened"]),
        settled=frozenset(row["settled"]),
        granted=row["granted"],
        grants=tuple(row["grants"]),
        ends_at=row["ends_at"],
        canceled_at=row["canceled_at"],
        terminated_at=row["terminated_at"],
        holds=HOLDS.validate_python(row["holds"]),
        standing=STANDING.validate_python(row["standing"]),
        obeyed=STANDING.validate_python(row["obeyed"]),
    )


def _anchor(row: Any) -> Anchor | None:
    on = row["anchor_on"]
    return None if on is None else Anchor(on, row["anchor_period_no"])


def _running(row: Any) -> Running | None:
    no = row["running_no"]
    return None if no is None else Running(no, row["running_since"])
