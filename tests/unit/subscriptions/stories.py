"""One partner, what he sells, and subscriptions to it at every point of their lives."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.subscriptions.domain.activation import activate
from services.subscriptions.domain.checkout import (
    Checkout,
    CheckoutItem,
    CheckoutPayment,
    PaymentStatus,
)
from services.subscriptions.domain.events import SubscriptionEvent
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.offer import EndOfTerm, Offer, OfferId, OfferProduct
from services.subscriptions.domain.placement import Misfit, place_order
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod, open_period
from services.subscriptions.domain.standing import Standing, StandingStatus
from services.subscriptions.domain.subscription import Subscription
from shared.calendar import Interval
from shared.ids import PartnerId

ACME = PartnerId("ptn_acme")
BERLIN = "Europe/Berlin"
# Noon in Berlin on the last day of January: the billing day that February does not have.
JANUARY_31 = datetime(2027, 1, 31, 11, tzinfo=UTC)
CURRENT, RETRYING = StandingStatus.CURRENT, StandingStatus.RETRYING
GRACE, EXHAUSTED = StandingStatus.GRACE, StandingStatus.EXHAUSTED

HOSTING = Offer(
    id=OfferId("off_hosting"),
    partner_id=ACME,
    code="hosting",
    name="Hosting",
    interval=Interval("month"),
    trial_days=0,
    end_of_term=EndOfTerm.SUSPEND,
    products=(
        OfferProduct("space", "Web space", {"EUR": 1000, "USD": 1100}),
        OfferProduct("domain", "Domain name", {"EUR": 250}),
    ),
    version=1,
)
TRIAL = replace(HOSTING, trial_days=14)


def berlin_midnight(year: int, month: int, day: int) -> datetime:
    """Winter and summer time included, without asking the calendar under test."""
    return datetime(year, month, day, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def because(at: datetime = JANUARY_31, reason: str = "ticket 4711") -> Cause:
    return Cause(reason, "operator:op_1", at)


def a_payment(status: PaymentStatus = PaymentStatus.METHOD, **told: Any) -> CheckoutPayment:
    """By a card that will be charged, where nothing else is told."""
    defaults: dict[str, Any] = {"gateway": "cards", "method_ref": "pm_ok_1"}
    return CheckoutPayment(status, **{**defaults, **told})


def a_checkout(*items: CheckoutItem, **told: Any) -> Checkout:
    """One web space and one domain name for 12.50 EUR a month, where nothing else is told."""
    defaults: dict[str, Any] = {
        "partner_id": ACME,
        "id": "chk_1",
        "reference": "order-1",
        "customer_id": "cus_1",
        "offer": "hosting",
        "currency": "EUR",
        "timezone": BERLIN,
        "price_trusted": False,
        "payment": a_payment(),
    }
    return Checkout(items=items, **{**defaults, **told})


def anything_fits(*_: object) -> Misfit | None:
    return None


def a_created_subscription(
    offer: Offer = HOSTING, at: datetime = JANUARY_31, checkout: Checkout | None = None
) -> Subscription:
    subscription, _ = place_order(checkout or a_checkout(), offer, anything_fits, because(at))
    return subscription


def an_active_subscription(
    offer: Offer = HOSTING, at: datetime = JANUARY_31, timezone: str = BERLIN
) -> Subscription:
    """Activated at `at`, version 2; its first period was paid, or is a trial."""
    subscription = a_created_subscription(offer, at, a_checkout(timezone=timezone))
    by = OpenedBy.TRIAL if offer.trial_days else OpenedBy.PAYMENT
    first = OpenedPeriod(0, at, by)
    open_period(subscription, first, a_standing(1), because(at, "period.opened"))
    activate(subscription, None, because(at, "provisioned"))
    return subscription


def a_standing(version: int, status: StandingStatus = CURRENT) -> Standing:
    return Standing(version, status)


def opened(
    subscription: Subscription,
    no: int,
    version: int,
    at: datetime,
    *,
    by: OpenedBy = OpenedBy.PAYMENT,
    anchor_on: date | None = None,
    status: StandingStatus = CURRENT,
) -> list[SubscriptionEvent]:
    """Billing opens period `no`, beginning where the calendar has it."""
    start = subscription.boundary(no) if anchor_on is None else at
    period = OpenedPeriod(no, start, by, anchor_on)
    return open_period(
        subscription, period, a_standing(version, status), because(at, "period.opened")
    )
