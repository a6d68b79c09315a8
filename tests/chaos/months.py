"""A sandbox whose weeks pass meanwhile: it renews, fails, is cut and ends, under every fault."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from threading import Event

import httpx2

from tests.chaos.buyers import Buyers, Sale
from tests.chaos.journal import Journal
from tests.chaos.load import take_money
from tests.chaos.providers import BEGINNING, Provider
from tests.chaos.shop import Shop
from tests.chaos.wishes import order

STEP = timedelta(days=3, hours=12)
LOOK_SECONDS = 0.5
# What a buyer's card does, and how many of a hundred have it.
METHODS = {"pm_ok": 70, "pm_fail_1": 8, "pm_fail_2": 8, "pm_decline": 8, "pm_hard": 6}


class Months:
    """Sells once, then moves the clock on and on; where that fails it is simply asked again."""

    def __init__(
        self,
        provider: Provider,
        seed: int,
        customers: int,
        *,
        shop: Shop,
        journal: Journal,
        least: int,
        patience: float,
    ) -> None:
        """`least`: so many steps are made, after the load if not under it. A step that takes longer
        than `patience` is the last one.
        """
        self._provider = provider
        self._random = Random(f"{seed} months")
        self._seed = seed
        self._customers = customers
        self._least = least
        self._patience = patience
        self._shop = shop
        self._journal = journal
        self._now = datetime.fromisoformat(BEGINNING)
        self._held: list[str] = []
        # A second time these say nothing, so nobody could tell whether they were heeded.
        self._settled: dict[str, set[str]] = {"cancel": set(), "hold": set(), "extend": set()}
        self.steps = 0
        self.failures = 0

    def sell(self, gateway: str) -> None:
        """The first period is paid at the shop, so that the methods matter from the second on."""
        with httpx2.Client(base_url=gateway, timeout=20) as purse:
            for sale in self._sales():
                take_money(purse, sale)
                self._journal.write("sale", **sale.told())
                self._shop.sell(sale)

    def run(self, over: Event) -> None:
        """The step that is under way is brought to its end, and so are those that are missing: how
        far it comes under the load is a matter of the machine.
        """
        moving = self._advance()
        while moving and (self.steps < self._least or not over.is_set()):
            self._now += STEP
            moving = self._advance()
            self._order_something()
            self.steps += moving

    def _sales(self) -> Iterator[Sale]:
        provider = self._provider
        buyers = Buyers(self._seed, provider.run, provider.id, provider.source, provider.offer)
        for n in range(self._customers):
            [method] = self._random.choices(list(METHODS), list(METHODS.values()))
            yield buyers.buyer(n, "captured", f"{method}_{provider.run}_{n}")

    def _order_something(self) -> None:
        """Of each kind one, of another subscription; the first hold is lifted again two steps later."""
        page = self._provider.client.look(
            "subscriptions", "/v1/subscriptions?status=active&limit=20", self._patience
        )
        active = [each["id"] for each in page["data"]]
        for what, settled in self._settled.items():
            if fresh := [each for each in active if each not in settled]:
                name = self._random.choice(fresh)
                active.remove(name)
                self._order(name, what)
        if self.steps % 2 and self._held:
            self._lift(self._held.pop(0))

    def _order(self, name: str, what: str) -> None:
        outcome = self._ask(name, what)
        if what != "extend":
            self._settled[what].add(name)
        if (what, outcome) == ("hold", "accepted"):
            self._held.append(name)

    def _lift(self, name: str) -> None:
        """The clock stands still meanwhile, so what has not ended by now does not end."""
        found = self._provider.client.look(
            "subscriptions", f"/v1/subscriptions/{name}", self._patience
        )
        if found["status"] != "terminated" and self._ask(name, "lift") == "accepted":
            self._settled["hold"].remove(name)

    def _ask(self, name: str, what: str) -> str:
        key = f"{what}-{name}-{self.steps}"
        return order(self._provider, name, what, key, self._journal).outcome

    def _advance(self) -> bool:
        """Until the clock rests there; a failure names who was away, and is asked again."""
        asked, path = 0, f"/v1/test_clocks/{self._provider.clock_id}"
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            clock = self._provider.client.look("customers", path, self._patience)
            rests = clock["status"] == "ready" and datetime.fromisoformat(clock["now"]) == self._now
            if rests and asked:
                return True
            if clock["status"] != "advancing":
                self.failures += clock["status"] == "failed"
                asked += 1
                self._provider.client.change(
                    "POST",
                    "customers",
                    f"{path}/advance",
                    body={"to": self._now.isoformat()},
                    key=f"advance-{self._now.isoformat()}-{asked}",
                )
            time.sleep(LOOK_SECONDS)
        self._journal.write("clock_stuck", at_step=self.steps)
        return False
