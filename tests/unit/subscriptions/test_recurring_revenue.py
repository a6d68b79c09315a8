"""Monthly recurring revenue, by the definition that finance people were given."""

from fractions import Fraction
from typing import Any

import pytest

from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.recurring_revenue import Group, recurring_revenue, rounded
from services.subscriptions.domain.subscription import Status
from shared.calendar import Interval

MONTHLY, YEARLY = Interval("month"), Interval("year")


def a_group(amount_minor: int, **told: Any) -> Group:
    """One active subscription, paid monthly in euros, where nothing else is told."""
    defaults: dict[str, Any] = {
        "currency": "EUR",
        "interval": MONTHLY,
        "status": Status.ACTIVE,
        "is_ending": False,
        "holds": frozenset(),
        "subscriptions": 1,
    }
    return Group(amount_minor=amount_minor, **{**defaults, **told})


def test_a_thousand_yearly_plans_are_summed_first_and_rounded_last() -> None:
    [found] = recurring_revenue([a_group(9_999_000, interval=YEARLY, subscriptions=1000)])

    assert (rounded(found.mrr), rounded(found.arr)) == (833_250, 9_999_000)
    assert found.subscriptions == 1000


@pytest.mark.parametrize(
    ("interval", "monthly"),
    [
        (Interval("month", 3), Fraction(400)),
        (Interval("month", 6), Fraction(200)),
        (Interval("week"), Fraction(5200)),
        (Interval("day"), Fraction(36500)),
    ],
)
def test_every_interval_is_made_a_month(interval: Interval, monthly: Fraction) -> None:
    [found] = recurring_revenue([a_group(1200, interval=interval)])

    assert found.mrr == monthly


def test_what_counts_is_what_runs_and_is_past_its_trial() -> None:
    [found] = recurring_revenue(
        [
            a_group(1000),
            a_group(200, status=Status.PAST_DUE),
            a_group(30, status=Status.GRACE),
            a_group(4, is_ending=True),
            a_group(50_000, status=Status.TRIALING),
            a_group(60_000, status=Status.SUSPENDED, holds=frozenset({HoldKind.REQUESTED})),
            a_group(70_000, status=Status.SUSPENDED, holds=frozenset({HoldKind.NON_PAYMENT})),
            a_group(0, subscriptions=9),
        ]
    )

    beside = (found.at_risk, found.committed, found.trial, found.paused)
    assert rounded(found.mrr) == 1234
    assert [rounded(each) for each in beside] == [230, 1230, 50_000, 60_000]
    assert found.subscriptions == 4


def test_money_of_two_currencies_is_never_added() -> None:
    found = recurring_revenue([a_group(100, currency="USD"), a_group(300), a_group(1)])

    assert [(each.currency, rounded(each.mrr)) for each in found] == [("EUR", 301), ("USD", 100)]


def test_nothing_sold_is_no_revenue_in_no_currency() -> None:
    assert recurring_revenue([]) == []


@pytest.mark.parametrize(("amount", "minor"), [("1/2", 1), ("3/2", 2), ("1/3", 0), ("2/3", 1)])
def test_halves_are_rounded_up(amount: str, minor: int) -> None:
    assert rounded(Fraction(amount)) == minor
