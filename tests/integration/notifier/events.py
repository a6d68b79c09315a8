"""What the other services say of Ann, Acme and a subscription, as records on their topics."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from shared.contracts import billing, customers, subscriptions
from shared.contracts.event import Change, CheckoutPayment, EventContract, Interval, Sealed
from shared.record import Record

ACME: Final = "ptn_test_acme"
ANN: Final = "cus_ann"
SUB: Final = "sub_1"
BERLIN: Final = "Europe/Berlin"
NOON: Final = datetime(2027, 3, 1, 11, tzinfo=UTC)
END: Final = datetime(2027, 3, 31, 22, tzinfo=UTC)


def change(kind: str = "told", at: datetime = NOON, reason: str | None = None) -> Change:
    return Change(kind=kind, reason=reason, actor="timer:renewal", at=at)


def record(event: EventContract, event_id: UUID | None = None, at: datetime = NOON) -> Record:
    """As the relay writes it."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id or uuid7()),
        "ce_source": "/perennial/elsewhere",
        "ce_type": event.type,
        "ce_time": at.isoformat(),
        "ce_dataschema": f"{event.type}/{event.schema_version}",
        "content-type": "application/json",
        "ce_actor": "timer:renewal",
        "ce_correlationid": "cor_1",
    }
    return Record(
        event.type,
        0,
        0,
        event.aggregate.key.encode(),
        event.model_dump_json().encode(),
        tuple((name, value.encode()) for name, value in headers.items()),
    )


def event_id_of(told: Record) -> str:
    return dict(told.headers)["ce_id"].decode()  # type: ignore[union-attr]  # made just above


def ann(version: int = 1, partner_id: str = ACME, **changed: Any) -> Record:
    state: dict[str, Any] = {
        "partner_id": partner_id,
        "version": version,
        "id": ANN,
        "type": "individual",
        "name": "Ann Lee",
        "email": "ann@example.org",
        "email_ascii": "ann@example.org",
        "timezone": BERLIN,
        "language": "en",
        "notifications_enabled": True,
        "sign_in_enabled": True,
    }
    customer = customers.CustomerState(**state | changed)
    if version == 1:
        return record(customers.CustomerCreated(customer=customer, change=change()))
    return record(customers.CustomerUpdated(customer=customer, change=change()))


def acme(version: int = 1, partner_id: str = ACME, **changed: Any) -> Record:
    state: dict[str, Any] = {
        "partner_id": partner_id,
        "version": version,
        "id": partner_id,
        "name": "Acme Hosting",
        "sandbox": partner_id.startswith("ptn_test_"),
        "timezone": BERLIN,
        "country": "DE",
        "currency": "EUR",
        "support_email": "help@acme.example",
        "notifications_enabled": True,
    }
    partner = customers.PartnerState(**state | changed)
    return record(customers.PartnerChanged(partner=partner, change=change()))


def offer(name: str = "Pro Plan") -> Record:
    state = subscriptions.OfferState(
        partner_id=ACME,
        version=1,
        id="off_1",
        code="pro",
        name=name,
        interval=Interval(unit="month"),
        trial_days=0,
        end_of_term="suspend",
        products=[],
    )
    return record(subscriptions.OfferPublished(offer=state, change=change()))


def subscription(version: int, **changed: Any) -> subscriptions.SubscriptionState:
    item = subscriptions.Item(
        id="itm_1", product="seat", quantity=1, unit_price_minor=1999, status="active"
    )
    state: dict[str, Any] = {
        "partner_id": ACME,
        "version": version,
        "id": SUB,
        "customer_id": ANN,
        "bill_to": ANN,
        "status": "active",
        "offer": "pro",
        "interval": Interval(unit="month"),
        "currency": "EUR",
        "timezone": BERLIN,
        "items": [item],
        "trial_days": 0,
        "end_of_term": "suspend",
        "next_boundary_at": END,
        "created_at": NOON,
    }
    return subscriptions.SubscriptionState(**state | changed)


def told(
    kind: type[subscriptions.SubscriptionEvent],
    version: int,
    at: datetime = NOON,
    event_id: UUID | None = None,
    extra: dict[str, Any] | None = None,
    **changed: Any,
) -> Record:
    event = kind(subscription=subscription(version, **changed), change=change(at=at), **extra or {})
    return record(event, event_id, at)


def created() -> Record:
    payment = CheckoutPayment(status="none")
    extra = {"payment": payment}
    return told(subscriptions.SubscriptionCreated, 1, status="created", extra=extra)


def activated(
    sealed: Sealed | None = None, at: datetime = NOON, version: int = 2, **changed: Any
) -> Record:
    extra = {"credentials": sealed}
    return told(subscriptions.SubscriptionActivated, version, at, extra=extra, **changed)


def canceled(version: int = 3, at: datetime = NOON, ends_at: datetime = END) -> Record:
    kind = subscriptions.SubscriptionCanceled
    return told(kind, version, at, ends_at=ends_at, canceled_at=at)


def suspended(
    hold: subscriptions.HoldKind, version: int = 3, at: datetime = NOON, **changed: Any
) -> Record:
    placed = subscriptions.Hold(kind=hold, reason="r", actor="timer:x", placed_at=at)
    state = {"status": "suspended", "holds": [placed], **changed}
    extra = {"hold": placed}
    return told(subscriptions.SubscriptionSuspended, version, at, extra=extra, **state)


def payment_failed(at: datetime = NOON, partner_id: str = ACME) -> Record:
    standing = _standing(partner_id)
    payment = billing.Payment(
        id="pay_1",
        key="inv_1/1",
        amount_minor=1999,
        currency="EUR",
        gateway="main",
        attempt=1,
    )
    event = billing.PaymentFailed(
        standing=standing,
        change=change(at=at),
        payment=payment,
        code="insufficient_funds",
        hard=False,
        next_attempt_at=at + timedelta(days=1),
        final=False,
    )
    return record(event, at=at)


def upcoming(at: datetime, due_at: datetime = END) -> Record:
    event = billing.InvoiceUpcoming(
        standing=_standing(),
        change=change(at=at),
        upcoming=billing.UpcomingInvoice(
            period_no=1, due_at=due_at, total_minor=1999, currency="EUR"
        ),
    )
    return record(event, at=at)


def rejected(customer_id: str | None = ANN) -> Record:
    checkout = customers.CheckoutState(
        partner_id=ACME,
        version=3,
        id="chk_1",
        reference="order-4711",
        source="shop",
        status="rejected",
        customer_id=customer_id,
        offer="gone",
        currency="EUR",
        items=[],
        timezone=BERLIN,
        price_trusted=False,
        payment=CheckoutPayment(status="captured"),
    )
    rejection = customers.Rejection(
        code="unknown_offer", message="There is no offer gone.", way_out="Choose another."
    )
    event = customers.CheckoutRejected(checkout=checkout, rejection=rejection, change=change())
    return record(event)


def clock(now: datetime, step: int) -> Record:
    """The sandbox's time moves on."""
    state = customers.ClockState(
        partner_id=ACME, version=step, id="clk_1", step=step, phase=0, round=1, now=now
    )
    return record(customers.ClockStepped(clock=state, change=change(at=now)), at=now)


def _standing(partner_id: str = ACME) -> billing.Standing:
    return billing.Standing(
        partner_id=partner_id, version=1, subscription_id=SUB, status="retrying"
    )


def body_of(value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value)
    return found
