"""Who buys, with which money, and how honest the checkout is: drawn from the seed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

PRICES = {"EUR": 1299, "USD": 1499, "JPY": 1800}
PLACES = (
    ("DE", "Europe/Berlin", "EUR"),
    ("US", "America/New_York", "USD"),
    ("JP", "Asia/Tokyo", "JPY"),
    ("NZ", "Pacific/Auckland", "USD"),
)
# What part of a hundred checkouts plays which role.
ROLES = {
    "captured": 44,
    "method": 38,
    "declined": 4,
    "unknown_offer": 4,
    "lies_low": 3,
    "lies_high": 3,
    "taken_reference": 2,
    "never_captured": 2,
}
# The shop has taken money for these before it tells us.
PAID = {"captured", "unknown_offer", "lies_low", "lies_high"}


@dataclass(frozen=True)
class Sale:
    """One checkout. `taken_minor` is what the shop has captured under `reference`."""

    n: int
    role: str
    partner_id: str
    source: str
    event_id: str
    checkout_id: str
    reference: str | None
    taken_minor: int
    currency: str
    method_ref: str
    email: str
    body: dict[str, Any]

    def told(self) -> dict[str, Any]:
        facts = asdict(self)
        del facts["body"]
        return facts


class Buyers:
    """An endless row of people, each once; the same seed gives the same row."""

    def __init__(self, seed: int, run: str, partner_id: str, source: str, offer: str) -> None:
        self._random = Random(f"{seed} {run}")
        self._run = run
        self._partner_id = partner_id
        self._source = source
        self._offer = offer
        self._spent: list[tuple[str, str]] = []

    def __iter__(self) -> Iterator[Sale]:
        n = 0
        while True:
            yield self.buyer(n, self._role())
            n += 1

    def buyer(self, n: int, role: str, method: str | None = None) -> Sale:
        who = f"{self._run}-{n:05}"
        country, zone, currency = self._random.choice(PLACES)
        reference = f"ch_{who}" if role not in {"method", "declined"} else None
        if role == "taken_reference" and self._spent:
            reference, currency = self._random.choice(self._spent)
        if role == "captured" and reference is not None:
            self._spent.append((reference, currency))
        method_ref = method or f"{'pm_hard' if role == 'declined' else 'pm_ok'}_{who}"
        price = PRICES[currency]
        email = f"{who}@{self._run}.example.com"
        body = {
            "checkout_id": f"shop-{who}",
            "customer": {
                "reference": f"user-{who}",
                "name": f"Canary {self._run} {n}",
                "email": email,
                "address": {"country": country},
                "timezone": zone,
            },
            "offer": "no-such-offer" if role in {"unknown_offer", "lies_low"} else self._offer,
            "currency": currency,
            "payment": _payment(role, reference, price, currency, method_ref),
        }
        return Sale(
            n,
            role,
            self._partner_id,
            self._source,
            f"evt-{who}",
            f"shop-{who}",
            reference,
            price if role in PAID else 0,
            currency,
            method_ref,
            email,
            body,
        )

    def _role(self) -> str:
        [role] = self._random.choices(list(ROLES), list(ROLES.values()))
        return role if role != "taken_reference" or self._spent else "captured"


def _payment(
    role: str, reference: str | None, price: int, currency: str, method_ref: str
) -> dict[str, Any]:
    if reference is None:
        return {"status": "method", "gateway": "cards", "method_ref": method_ref}
    said = {"lies_low": price - 300, "lies_high": price + 100_000}.get(role, price)
    return {
        "status": "captured",
        "gateway": "cards",
        "reference": reference,
        "amount_minor": said,
        "currency": currency,
        "method_ref": method_ref,
    }
