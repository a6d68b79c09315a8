"""Monthly recurring revenue at an instant, as `metrics.v1` defines it: sum first, round last."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.subscription import Status
from shared.calendar import Interval

DEFINITION = "metrics.v1"
COUNTED = {Status.ACTIVE, Status.PAST_DUE, Status.GRACE}
AT_RISK = {Status.PAST_DUE, Status.GRACE}


@dataclass(frozen=True, slots=True)
class Group:
    """Subscriptions that differ in nothing that counts; `amount_minor` is of one interval of all."""

    currency: str
    interval: Interval
    status: Status
    is_ending: bool
    holds: frozenset[HoldKind]
    subscriptions: int
    amount_minor: int

    @property
    def monthly(self) -> Fraction:
        return self.amount_minor / self.interval.months

    @property
    def is_counted(self) -> bool:
        """What costs nothing is no revenue, and neither is a trial or what is suspended."""
        return self.status in COUNTED and self.amount_minor > 0

    @property
    def is_paused(self) -> bool:
        return self.status is Status.SUSPENDED and self.holds == {HoldKind.REQUESTED}


@dataclass(frozen=True, slots=True)
class RecurringRevenue:
    """Of one currency. `committed` leaves out what is to end, `at_risk` is past due or in grace;
    trial and paused revenue stand beside `mrr` and are not in it.
    """

    currency: str
    subscriptions: int
    mrr: Fraction
    at_risk: Fraction
    committed: Fraction
    trial: Fraction
    paused: Fraction

    @property
    def arr(self) -> Fraction:
        return 12 * self.mrr


def recurring_revenue(groups: Iterable[Group]) -> list[RecurringRevenue]:
    """By currency; amounts of two currencies are never added.

    Source: docs/semantics.md B6.1, B6.2, B6.7.
    """
    found = list(groups)
    return [
        _of([each for each in found if each.currency == currency], currency)
        for currency in sorted({each.currency for each in found})
    ]


def _of(groups: list[Group], currency: str) -> RecurringRevenue:
    counted = [each for each in groups if each.is_counted]
    return RecurringRevenue(
        currency=currency,
        subscriptions=sum(each.subscriptions for each in counted),
        mrr=_sum(counted),
        at_risk=_sum(each for each in counted if each.status in AT_RISK),
        committed=_sum(each for each in counted if not each.is_ending),
        trial=_sum(each for each in groups if each.status is Status.TRIALING),
        paused=_sum(each for each in groups if each.is_paused),
    )


def _sum(groups: Iterable[Group]) -> Fraction:
    return sum((each.monthly for each in groups), Fraction(0))


def rounded(amount: Fraction) -> int:
    """To whole minor units, halves up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
