"""What other services say to billing, as contracts."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.calendar import Interval
from shared.contracts.customers import CheckoutRejected, CheckoutState, Rejection
from shared.contracts.event import Change, CheckoutPayment
from shared.contracts.event import Interval as IntervalBody
from shared.contracts.subscriptions import Item, Period, SubscriptionState
from shared.ids import PartnerId

ZONE = "Europe/Berlin"
START = datetime(2026, 1, 31, 10, tzinfo=ZoneInfo(ZONE))


def payment(**changes: Any) -> CheckoutPayment:
    """With a card that may be charged, unless said otherwise."""
    return CheckoutPayment(**{"status": "method", "gateway": "cards", **changes})


def subscription(
    subscription_id: str,
    item_id: str,
    *,
    interval: Interval,
    price_minor: int,
    anchor_on: date | None,
    **told: Any,
) -> SubscriptionState:
    item = Item(id=item_id, product="tv", quantity=1, unit_price_minor=price_minor, status="active")
    period = Period(no=0, start=START, end=START + timedelta(days=1)) if anchor_on else None
    return SubscriptionState(
        id=subscription_id,
        customer_id="cus_1",
        bill_to="cus_1",
        offer="tv-basic",
        interval=IntervalBody(unit=interval.unit, count=interval.count),
        currency="EUR",
        timezone=ZONE,
        items=[item],
        end_of_term="suspend",
        anchor_on=anchor_on,
        period=period,
        created_at=START,
        **told,
    )


def rejection(
    checkout_id: str, partner_id: PartnerId, paid: CheckoutPayment, at: datetime
) -> CheckoutRejected:
    checkout = CheckoutState(
        id=checkout_id,
        partner_id=partner_id,
        version=2,
        reference="shop-1",
        source="https://shop.example",
        status="rejected",
        offer="tv-basic",
        currency="EUR",
        items=[],
        timezone=ZONE,
        price_trusted=True,
        payment=paid,
    )
    return CheckoutRejected(
        checkout=checkout,
        rejection=Rejection(code="unknown_offer", message="no such offer", way_out="another"),
        change=Change(kind="rejected", actor="service:customers", at=at),
    )
