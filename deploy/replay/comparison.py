"""Holding what the platform says against what the file says, customer by customer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from deploy.replay.expectation import Known, Totals

Value = int | str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """None stands for a customer who is known on one side only."""

    customer: str
    figure: str
    expected: Value
    actual: Value

    def told(self) -> str:
        return f"{self.customer}: {self.figure} is {self.actual}, the file says {self.expected}"


def differences(expected: Mapping[str, Known], actual: Mapping[str, Known]) -> list[Difference]:
    """By customer, all figures of each."""
    found: list[Difference] = []
    for customer in sorted(expected.keys() | actual.keys()):
        found += _of(customer, _figures(expected.get(customer)), _figures(actual.get(customer)))
    return found


def differing_totals(expected: Totals, actual: Totals) -> list[Difference]:
    return _of("all customers", dict(asdict(expected)), dict(asdict(actual)))


def _figures(known: Known | None) -> dict[str, Value]:
    return dict(asdict(known)) if known else {}


def _of(
    customer: str, expected: Mapping[str, Value], actual: Mapping[str, Value]
) -> list[Difference]:
    if not expected or not actual:
        here, there = ("known", None) if expected else (None, "known")
        return [Difference(customer, "customer", here, there)]
    return [
        Difference(customer, figure, value, actual[figure])
        for figure, value in expected.items()
        if value != actual[figure]
    ]
