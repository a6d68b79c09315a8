"""What a right history is made of: states, standings, invoices, mails."""

from typing import Any

PARTNER = "ptn_1"
NOW = "2027-02-10T00:00:00Z"


def standing_of(version: int) -> dict[str, Any]:
    return {"subscription_id": "subscription_1", "version": version, "status": "current"}


def state_of(version: int, status: str) -> dict[str, Any]:
    """Of a subscription, without its periods and what has happened to it."""
    return {
        "id": "subscription_1",
        "version": version,
        "status": status,
        "customer_id": "cus_1",
        "offer": "tv",
        "currency": "EUR",
        "checkout_reference": "shop-good",
        "terminated_at": None,
        "standing": {"status": "current"},
    }


def invoice_of(no: int, status: str, start: str, end: str) -> dict[str, Any]:
    line = {
        "identity": f"subscription_1/itm/{no}/base",
        "quantity": 1,
        "unit_price_minor": 100,
        "amount_minor": 100,
        "period_start": start,
        "period_end": end,
    }
    return {
        "id": f"inv_{no}",
        "status": status,
        "total_minor": 100,
        "currency": "EUR",
        "issued_at": start,
        "period_no": no,
        "lines": [line],
    }


def mail_of(n: int, name: str, template: str, cause: str) -> dict[str, Any]:
    return {
        "n": n,
        "message_id": name,
        "envelope_to": ["a@example.com"],
        "from": "Television one <no-reply@example.com>",
        "to": "a@example.com",
        "subject": "Hello",
        "text": "Hello",
        "headers": {
            "X-Perennial-Template": template,
            "X-Perennial-Event": cause,
            "X-Perennial-Partner": PARTNER,
        },
        "received_at": NOW,
    }
