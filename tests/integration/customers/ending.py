"""What the subscriptions service tells of a checkout's order, and how checkouts have ended."""

from datetime import UTC, datetime
from typing import Any

from shared.contracts.event import Change, Interval
from shared.contracts.subscriptions import (
    OrderRefused,
    OrderState,
    Refusal,
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionState,
)
from shared.ids import derived_id
from tests.integration.customers.platform import Customers, Partner

AT = datetime(2027, 2, 1, tzinfo=UTC)
REFUSAL = Refusal(
    code="unknown_offer",
    field="offer",
    message="there is no offer tv-imaginary",
    way_out="Order one that is published.",
)


def checkout_id(partner: Partner, name: str = "1") -> str:
    return derived_id("chk", partner.id, f"shop-{name}")


def change(kind: str, reason: str | None = None) -> Change:
    return Change(kind=kind, reason=reason, actor="service:subscriptions", at=AT)


def refused(partner: Partner, name: str = "1", **order: Any) -> OrderRefused:
    state: dict[str, Any] = {
        "partner_id": partner.id,
        "version": 1,
        "id": "ord_1",
        "kind": "new",
        "status": "refused",
        "checkout_id": checkout_id(partner, name),
    }
    return OrderRefused(
        order=OrderState(**(state | order)), refusal=REFUSAL, change=change("refused")
    )


def a_subscription(partner: Partner, name: str = "1", **changes: Any) -> SubscriptionState:
    state: dict[str, Any] = {
        "partner_id": partner.id,
        "version": 2,
        "id": "sub_1",
        "customer_id": "cus_1",
        "bill_to": "cus_1",
        "checkout_id": checkout_id(partner, name),
        "status": "active",
        "offer": "tv-basic",
        "interval": Interval(unit="month"),
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "items": [],
        "trial_days": 0,
        "end_of_term": "suspend",
        "created_at": AT,
    }
    return SubscriptionState(**(state | changes))


def activated(partner: Partner, **changes: Any) -> SubscriptionActivated:
    state = a_subscription(partner, activated_at=AT, **changes)
    return SubscriptionActivated(subscription=state, change=change("activated"))


def canceled(
    partner: Partner, reason: str = "payment_not_received", **changes: Any
) -> SubscriptionCanceled:
    state = a_subscription(partner, **({"status": "canceled"} | changes))
    return SubscriptionCanceled(subscription=state, change=change("canceled", reason))


async def ends(customers: Customers) -> list[tuple[str, str | None]]:
    rows = await customers.rows("select status, subscription_id from checkouts order by reference")
    return [(row["status"], row["subscription_id"]) for row in rows]
