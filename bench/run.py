"""One run of the benchmarks: where it happens, how large it is, and what it has found so far."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the small form proves that it runs, and its figures mean nothing."""

    renewals: int = 10_000
    months: int = 4
    renewals_over_http: int = 3_000
    records: int = 40_000
    passes: int = 5
    checkouts: int = 3_000
    calm_seconds: int = 45
    reads: int = 1_500
    few_rows: int = 10_000
    many_rows: int = 1_000_000
    steps: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    due: int = 1_000
    # With the one to warm up at most eleven: invoice numbers begin anew with the year.
    months_of_growth: int = 9

    def scaled(self, factor: float) -> "Sizes":
        """Less (or more) of everything but rounds and passes; never nothing."""

        def part(of: int) -> int:
            return max(round(of * factor), 20)

        return replace(
            self,
            renewals=part(self.renewals),
            renewals_over_http=part(self.renewals_over_http),
            records=part(self.records),
            checkouts=part(self.checkouts),
            reads=part(self.reads),
            few_rows=part(self.few_rows),
            many_rows=part(self.many_rows),
            steps=tuple(part(each) for each in self.steps),
            due=part(self.due),
        )


SMALL = Sizes(
    renewals=60,
    months=1,
    renewals_over_http=20,
    records=300,
    passes=1,
    checkouts=20,
    calm_seconds=2,
    reads=20,
    few_rows=100,
    many_rows=300,
    steps=(100, 300),
    due=50,
    months_of_growth=1,
)


@dataclass(frozen=True)
class Figure:
    """One measured value. `raw` is the raw limit of the same run, in the same unit.

    `met` says whether the target was reached; None where there is none.
    """

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None
    raw: float | None = None
    spent: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Of the raw limit."""
        return self.value / self.raw if self.raw else None


@dataclass(frozen=True)
class Run:
    """`server_pid` is the database server's; `admin_url` makes databases on it."""

    directory: Path
    admin_url: str
    server_pid: int
    sizes: Sizes
    seed: int
    tell: Callable[[str], None]


class Stopwatch:
    def __init__(self) -> None:
        self._begun = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._begun


class OutOfBalance(Exception):
    """What a benchmark left behind is not what its work should have left."""


def require(holds: bool, what: str) -> None:
    """
    Raises:
        OutOfBalance: it does not hold, so the figure would count work that was not done.
    """
    if not holds:
        raise OutOfBalance(what)
