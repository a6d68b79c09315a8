"""How often somebody may try to sign in: a bucket of attempts that fills up again with time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` attempts at once, then one each `every`."""

    burst: int
    every: timedelta


# One address may ask for many accounts (an office), one account from one address rarely fails
# often. Strangers from many addresses meet the third, which spares addresses known to the account:
# so nobody can lock another person out.
BY_ADDRESS: Final = Allowance(30, timedelta(seconds=10))
BY_ACCOUNT_AND_ADDRESS: Final = Allowance(6, timedelta(seconds=30))
BY_ACCOUNT: Final = Allowance(20, timedelta(seconds=15))


@dataclass(frozen=True, slots=True)
class Bucket:
    """`left` as of `at`; a bucket never seen before is full."""

    left: float
    at: datetime

    @classmethod
    def full(cls, allowance: Allowance, at: datetime) -> "Bucket":
        return cls(allowance.burst, at)

    def filled(self, allowance: Allowance, at: datetime) -> "Bucket":
        grown = max(at - self.at, timedelta()) / allowance.every
        return Bucket(min(self.left + grown, allowance.burst), max(at, self.at))

    def take(self) -> "Bucket | None":
        """One attempt less, or None where there is none left."""
        return Bucket(self.left - 1, self.at) if self.left >= 1 else None

    def wait(self, allowance: Allowance) -> timedelta:
        """Until there is one again."""
        return max(1 - self.left, 0) * allowance.every
