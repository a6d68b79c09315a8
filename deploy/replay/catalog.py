"""What the provider sells: products at list prices, an offer for each contract, and its checkouts."""

from typing import Any

from deploy.replay.customers import CONTRACTS, CURRENCY, Customer
from shared.money import Money

ZONE = "America/Los_Angeles"
# Longer than any month, so that nobody who begins in the last one is charged in it.
TRIAL_DAYS = 31
# List prices in cents: what a customer's own charge is divided by, as a price for a bundle is.
PRODUCTS = {
    "phone": ("Telephone", 2000),
    "lines": ("Further lines", 500),
    "dsl": ("Internet, DSL", 2500),
    "fiber": ("Internet, fiber", 5000),
    "security": ("Online security", 500),
    "backup": ("Online backup", 500),
    "protection": ("Device protection", 500),
    "support": ("Technical support", 500),
    "television": ("Streaming television", 1000),
    "movies": ("Streaming movies", 1000),
}


def offers() -> list[dict[str, Any]]:
    """One for each contract, and one more of each that begins with a month of trial."""
    return [
        {
            "code": offer_code(months, trial=trial),
            "name": f"{name}, {'with' if trial else 'without'} trial",
            "interval": {"unit": "month", "count": 1},
            "trial_days": TRIAL_DAYS if trial else 0,
            "minimum_periods": months,
            "end_of_term": "terminate",
            "products": [
                {"code": code, "name": called, "prices_minor": {CURRENCY: price}}
                for code, (called, price) in PRODUCTS.items()
            ],
        }
        for name, months in CONTRACTS.items()
        for trial in (False, True)
    ]


def offer_code(months: int, *, trial: bool) -> str:
    return f"telco-{months}{'-trial' if trial else ''}"


def checkout(customer: Customer) -> dict[str, Any]:
    """The products that he holds at prices that add up to his charge; a card is on file."""
    return {
        "checkout_id": customer.reference,
        "customer": {
            "reference": customer.reference,
            "name": f"Customer {customer.reference}",
            "email": f"{customer.reference.lower()}@telco.example.com",
            "address": {"country": "US"},
            "timezone": ZONE,
        },
        "offer": offer_code(customer.contract_months, trial=customer.tenure == 0),
        "currency": CURRENCY,
        "items": [
            {"product": product, "quantity": 1, "unit_price_minor": price}
            for product, price in zip(customer.products, prices(customer), strict=True)
        ],
        "payment": {
            "status": "method",
            "gateway": "cards",
            "method_ref": f"pm_ok_{customer.reference}",
        },
    }


def prices(customer: Customer) -> list[int]:
    """His monthly charge, divided over his products in the ratio of their list prices."""
    weights = [PRODUCTS[each][1] for each in customer.products]
    return [each.minor for each in Money(customer.monthly_minor, CURRENCY).split(weights)]
