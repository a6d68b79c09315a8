"""Six years in the order of the diary: checkouts on their days, notices on theirs, then the end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from deploy.replay.customers import Customer
from deploy.replay.diary import Day, end
from deploy.replay.provider import Provider

LEAVING = "the customer leaves"


@dataclass
class Spent:
    """Seconds by what they went into."""

    by: dict[str, float] = field(default_factory=dict)

    def on(self, what: str, since: float) -> None:
        self.by[what] = self.by.get(what, 0) + time.monotonic() - since


@dataclass
class Story:
    """`say` hears of each month that is over."""

    provider: Provider
    say: Callable[[str], None]
    spent: Spent = field(default_factory=Spent)
    _subscriptions: dict[str, str] = field(default_factory=dict)

    def play(self, days: Sequence[Day]) -> None:
        begun, sold, month = time.monotonic(), 0, None
        for day in days:
            if (day.on.year, day.on.month) != month:
                month = (day.on.year, day.on.month)
                seconds = time.monotonic() - begun
                self.say(f"{day.on:%Y-%m}  {sold:>5} customers so far, {seconds:>6.1f} s")
            self._live(day)
            sold += len(day.begin)
        self._move_to(end())

    def _live(self, day: Day) -> None:
        self._move_to(day.at)
        since = time.monotonic()
        self.provider.shop.sell(day.begin)
        self.spent.on("publishing checkouts", since)
        since = time.monotonic()
        for each in day.give_notice:
            subscription = self._subscription_of(each)
            release = each.tenure < each.contract_months
            self.provider.give_notice(subscription, LEAVING, release=release)
        self.spent.on("giving notice", since)

    def _move_to(self, instant: datetime) -> None:
        since = time.monotonic()
        self.provider.move_to(instant)
        self.spent.on("living through the time between", since)

    def _subscription_of(self, customer: Customer) -> str:
        """Listed newest first, so what is new since the last look comes before what is known."""
        if customer.reference not in self._subscriptions:
            for each in self.provider.api.every("subscriptions", "/v1/subscriptions"):
                if each["checkout_reference"] in self._subscriptions:
                    break
                self._subscriptions[each["checkout_reference"]] = each["id"]
        return self._subscriptions[customer.reference]
