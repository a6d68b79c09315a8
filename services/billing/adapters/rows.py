"""Rows to the pieces of the books, and the terms to their column; no SQL is here."""

from datetime import date, datetime
from typing import Any

import orjson

from services.billing.domain.books import Books
from services.billing.domain.contract import (
    CheckoutId,
    Contract,
    CustomerId,
    Hold,
    Item,
    Method,
    SubscriptionId,
    Terms,
)
from services.billing.domain.dunning import Dunning, DunningState, Retry
from services.billing.domain.invoice import Invoice, InvoiceId, InvoiceStatus, Line
from services.billing.domain.numbering import DocumentKind, Numbered
from services.billing.domain.order import Order, OrderState
from services.billing.domain.payment_attempt import AttemptState, PaymentAttempt
from services.billing.domain.schedule import Period, Schedule
from services.billing.domain.standing import Standing, StandingStatus
from services.billing.domain.verification import Verification, VerificationState
from shared.calendar import Interval
from shared.ids import PartnerId


def books_of(row: Any) -> Books:
    terms = terms_from(row["terms"])
    schedule = None
    if row["anchor_on"] is not None:
        schedule = Schedule(row["anchor_on"], row["anchor_no"], terms.zone, terms.interval)
    contract = Contract(
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        checkout_id=CheckoutId(row["checkout_id"]) if row["checkout_id"] else None,
        correlation_id=row["correlation_id"],
        terms=terms,
        method=Method(row["gateway"], row["method_ref"]) if row["gateway"] else None,
        schedule=schedule,
        periods_opened=row["periods_opened"],
        periods_granted=row["periods_granted"],
        renews_at=row["renews_at"],
        timers_no=row["timers_no"],
        rejected=row["is_rejected"],
    )
    standing = Standing(
        row["version"],
        StandingStatus(row["standing"]),
        row["paid_through"],
        row["open_invoice_id"],
        row["next_attempt_at"],
        row["grace_until"],
    )
    return Books(contract=contract, standing=standing, heard=terms)


def terms_from(told: Any) -> Terms:
    return Terms(
        version=told["version"],
        status=told["status"],
        customer_id=CustomerId(told["customer_id"]),
        bill_to=CustomerId(told["bill_to"]),
        currency=told["currency"],
        zone=told["zone"],
        interval=Interval(**told["interval"]),
        trial_days=told["trial_days"],
        items=tuple(Item(**each) for each in told["items"]),
        holds=tuple(
            Hold(each["kind"], datetime.fromisoformat(each["placed_at"])) for each in told["holds"]
        ),
        ends_at=_instant(told["ends_at"]),
        anchor_on=date.fromisoformat(told["anchor_on"]) if told["anchor_on"] else None,
        periods_opened=told["periods_opened"],
        periods_granted=told["periods_granted"],
        next_boundary_at=_instant(told["next_boundary_at"]),
    )


def terms_to(terms: Terms) -> str:
    return orjson.dumps(terms).decode()


def invoice_of(row: Any, lines: tuple[Line, ...]) -> Invoice:
    return Invoice(
        id=InvoiceId(row["id"]),
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        bill_to=CustomerId(row["bill_to"]),
        currency=row["currency"],
        period=Period(row["period_no"], row["period_start"], row["period_end"]),
        due_at=row["due_at"],
        lines=lines,
        document=Numbered(
            DocumentKind.INVOICE,
            row["issued_at"],
            row["series_year"],
            row["series_seq"],
            row["number"],
        ),
        order_id=row["order_id"],
        status=InvoiceStatus(row["status"]),
        paid_minor=row["paid_minor"],
        credited_minor=row["credited_minor"],
        attempts=row["attempts"],
        settled_by=row["settled_by"],
        gateway=row["gateway"],
        reference=row["reference"],
    )


def line_of(row: Any, period_no: int) -> Line:
    return Line(
        row["identity"],
        row["item_id"],
        row["product"],
        row["quantity"],
        row["unit_price_minor"],
        row["amount_minor"],
        Period(period_no, row["period_start"], row["period_end"]),
    )


def attempt_of(row: Any) -> PaymentAttempt:
    return PaymentAttempt(
        id=row["id"],
        key=row["key"],
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        invoice_id=InvoiceId(row["invoice_id"]),
        n=row["n"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        method=Method(row["gateway"], row["method_ref"]),
        trigger=row["cause"],
        actor=row["actor"],
        created_at=row["created_at"],
        state=AttemptState(row["state"]),
        reference=row["reference"],
        code=row["code"],
        hard=row["is_hard"],
    )


def dunning_of(row: Any) -> Dunning:
    return Dunning(
        invoice_id=InvoiceId(row["invoice_id"]),
        retries=tuple(
            Retry(each["n"], datetime.fromisoformat(each["due_at"]), each["status"])
            for each in row["retries"]
        ),
        grace_until=row["grace_until"],
        state=DunningState(row["state"]),
    )


def order_of(row: Any) -> Order:
    return Order(
        id=row["id"],
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        gate=row["gate"],
        total_minor=row["total_minor"],
        currency=row["currency"],
        subscription_version=row["subscription_version"],
        expires_at=row["expires_at"],
        actor=row["actor"],
        state=OrderState(row["state"]),
    )


def verification_of(row: Any) -> Verification:
    return Verification(
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        gateway=row["gateway"],
        reference=row["reference"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        asked_at=row["asked_at"],
        state=VerificationState(row["state"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
