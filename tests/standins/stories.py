"""Orders with a story, for the tests of the gateway and the panel."""

from itertools import count
from typing import Any

_numbers = count(1)


def a_charge(method_ref: str = "pm_ok_1", *, key: str | None = None, amount: int = 1999) -> Any:
    return {
        "key": key or f"sub_1/base/{next(_numbers)}/base",
        "amount": amount,
        "currency": "EUR",
        "method_ref": method_ref,
    }


def a_refund(charge: Any, amount: int, *, key: str | None = None) -> Any:
    return {
        "key": key or f"reversal/{next(_numbers)}",
        "reference": charge["reference"],
        "amount": amount,
    }


def an_account(plan: str = "basic") -> Any:
    return {
        "external_id": f"sub_{next(_numbers)}",
        "plan": plan,
        "config": {"region": "eu"},
        "expires_at": "2027-02-28T00:00:00Z",
    }
