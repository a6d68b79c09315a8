"""The report of a run: every figure beside the file's, the time, and what it was spent on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from deploy.replay.comparison import Difference
from deploy.replay.customers import CURRENCY
from deploy.replay.expectation import Totals
from shared.money import Money

NAMES = {
    "customers": "customers",
    "active": "active subscriptions",
    "trialing": "in trial",
    "ended": "ended",
    "paid_invoices": "paid invoices",
    "invoiced_minor": "invoiced and paid",
    "payments": "payments",
    "collected_minor": "collected",
    "mrr_minor": "monthly recurring revenue",
}


def table(expected: Totals, actual: Totals) -> list[str]:
    """In Markdown, as the documentation shows it."""
    lines = ["| figure | of the file | of the platform |", "|---|---:|---:|"]
    wanted, found = asdict(expected), asdict(actual)
    return lines + [
        f"| {name} | {_shown(key, wanted[key])} | {_shown(key, found[key])} |"
        for key, name in NAMES.items()
    ]


def _shown(key: str, value: int) -> str:
    if not key.endswith("_minor"):
        return f"{value:,}"
    whole, _, currency = Money(value, CURRENCY).format().partition(" ")
    before, _, decimals = whole.partition(".")
    return f"{int(before):,}.{decimals} {currency}"


def verdict(found: Sequence[Difference]) -> list[str]:
    """Every difference by customer, and how many there are."""
    if not found:
        return ["No customer differs, and no total does."]
    return [*(each.told() for each in found), f"{len(found)} figures DIFFER."]


def seconds(title: str, spent: Mapping[str, float]) -> list[str]:
    """The most first."""
    ordered = sorted(spent.items(), key=lambda each: -each[1])
    return [title, *(f"  {took:>8.1f} s  {what}" for what, took in ordered)]
