"""What the other services say, as records on their topics."""

import itertools
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from uuid_utils.compat import uuid7

from services.subscriptions.domain.order import subscription_of
from shared.contracts import billing, customers, notifier
from shared.contracts.event import Change, CheckoutPayment, EventContract
from shared.contracts.subscriptions import Period
from shared.ids import PartnerId
from shared.record import Record

SHOP = PartnerId("ptn_test_shop")
OTHER = PartnerId("ptn_test_other")
_offsets = itertools.count()
BY_CARD = CheckoutPayment(status="method", gateway="cards", method_ref="pm_ok_1")


def record(event: EventContract, at: datetime, event_id: str | None = None) -> Record:
    """As a relay sends it: CloudEvents in the headers, the key of its aggregate."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id or str(uuid7()),
        "ce_source": "/perennial/test",
        "ce_type": event.type,
        "ce_time": at.isoformat(),
        "ce_dataschema": f"{event.type}/{event.schema_version}",
        "content-type": "application/json",
        "ce_actor": "upstream:shop",
        "ce_correlationid": "story-1",
    }
    return Record(
        event.type,
        0,
        next(_offsets),
        event.aggregate.key.encode(),
        event.model_dump_json().encode(),
        tuple((name, value.encode()) for name, value in headers.items()),
    )


def subscription_id(checkout: str, partner: PartnerId = SHOP) -> str:
    """Known beforehand, since it follows from the checkout."""
    return subscription_of(partner, f"chk_{checkout}")


def accepted(name: str, at: datetime, partner: PartnerId = SHOP, **told: Any) -> Record:
    """The checkout of a person of its own, who takes everything that `hosting` offers."""
    return record(
        customers.CheckoutAccepted(
            checkout=_checkout(name, partner, "accepted", **told),
            change=_change("accepted", at),
        ),
        at,
    )


def rejected(name: str, at: datetime, partner: PartnerId = SHOP, code: str = "by_hand") -> Record:
    rejection = customers.Rejection(code=code, message="No.", way_out="Check out again.")
    return record(
        customers.CheckoutRejected(
            checkout=_checkout(name, partner, "rejected", version=2),
            rejection=rejection,
            change=_change("rejected", at),
        ),
        at,
    )


def _checkout(
    name: str, partner: PartnerId, status: Any, version: int = 1, **told: Any
) -> customers.CheckoutState:
    defaults: dict[str, Any] = {
        "customer_id": f"cus_{name}",
        "offer": "hosting",
        "currency": "EUR",
        "items": [],
        "timezone": "Europe/Berlin",
        "price_trusted": False,
        "payment": BY_CARD,
    }
    return customers.CheckoutState(
        partner_id=partner,
        version=version,
        id=f"chk_{name}",
        reference=f"order-{name}",
        source="https://shop.example/",
        status=status,
        **{**defaults, **told},
    )


def opened(
    subscription: str,
    no: int,
    version: int,
    at: datetime,
    until: datetime,
    *,
    by: Any = "payment",
    anchor_on: date | None = None,
    status: Any = "current",
    partner: PartnerId = SHOP,
) -> Record:
    return record(
        billing.PeriodOpened(
            standing=_standing(subscription, version, status, partner),
            period=Period(no=no, start=at, end=until),
            by=by,
            anchor_on=anchor_on,
            change=_change("opened", at),
        ),
        at,
    )


def payment_failed(
    subscription: str,
    version: int,
    at: datetime,
    *,
    status: Any = "retrying",
    code: str = "insufficient_funds",
    final: bool = False,
) -> Record:
    return record(
        billing.PaymentFailed(
            standing=_standing(subscription, version, status),
            payment=_payment(),
            code=code,
            hard=False,
            final=final,
            change=_change("failed", at),
        ),
        at,
    )


def payment_succeeded(subscription: str, version: int, at: datetime) -> Record:
    return record(
        billing.PaymentSucceeded(
            standing=_standing(subscription, version, "current"),
            payment=_payment(),
            change=_change("succeeded", at),
        ),
        at,
    )


def exhausted(subscription: str, version: int, at: datetime) -> Record:
    return record(
        billing.DunningExhausted(
            standing=_standing(subscription, version, "exhausted"),
            invoice_id="inv_1",
            change=_change("exhausted", at),
        ),
        at,
    )


def _payment() -> billing.Payment:
    return billing.Payment(
        id="pay_1", key="k", amount_minor=1250, currency="EUR", gateway="cards", attempt=1
    )


def _standing(
    subscription: str, version: int, status: Any, partner: PartnerId = SHOP
) -> billing.Standing:
    return billing.Standing(
        partner_id=partner, version=version, subscription_id=subscription, status=status
    )


def clock(now: datetime, step: int, partner: PartnerId = SHOP) -> Record:
    state = customers.ClockState(
        partner_id=partner, version=step, id=f"clk_{partner}", step=step, phase=0, round=0, now=now
    )
    return record(customers.ClockStepped(clock=state, change=_change("stepped", now)), now)


def api_key(secret: str, at: datetime, partner: PartnerId = SHOP, *scopes: str) -> Record:
    state = customers.ApiKeyState(
        partner_id=partner,
        version=1,
        id=f"key_{sha256(secret.encode()).hexdigest()[:8]}",
        hash=sha256(secret.encode()).hexdigest(),
        scopes=list(scopes or ("*",)),
        status="active",
    )
    return record(customers.ApiKeyChanged(api_key=state, change=_change("made", at)), at)


def verifying_key(kid: str, jwk: dict[str, Any], at: datetime, until: datetime) -> Record:
    state = customers.VerifyingKeyState(
        partner_id=SHOP, version=1, kid=kid, jwk=jwk, expires_at=until
    )
    return record(customers.KeyPublished(verifying_key=state, change=_change("published", at)), at)


def sealing_key(kid: str, jwk: dict[str, Any], at: datetime, until: datetime) -> Record:
    state = notifier.SealingKeyState(
        partner_id="platform", version=1, kid=kid, jwk=jwk, expires_at=until
    )
    return record(
        notifier.SealingKeyPublished(sealing_key=state, change=_change("published", at)), at
    )


def _change(kind: str, at: datetime) -> Change:
    return Change(kind=kind, actor="upstream:shop", at=at)
