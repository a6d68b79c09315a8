"""A sandbox whose weeks pass meanwhile: it renews, fails, is cut and ends, under every fault."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

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
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._held: list[str] = []
        self.steps = 0
        self.failures = 0

    def sell(self, gateway: str) -> None:
        """The first period is paid at the shop, so that the methods matter from the second on."""
        with httpx2.Client(base_url=gateway, timeout=20) as purse:
            for sale in self._sales():
                take_money(purse, sale)
                self._journal.write("sale", **sale.told())
                self._shop.sell(sale)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The step that is under way is brought to its end, and so are those that are missing: how
        far it comes under the load is a matter of the machine.
        """
        self._stop.set()
        self._thread.join()

    def _sales(self) -> Iterator[Sale]:
        provider = self._provider
        buyers = Buyers(self._seed, provider.run, provider.id, provider.source, provider.offer)
        for n in range(self._customers):
            [method] = self._random.choices(list(METHODS), list(METHODS.values()))
            yield buyers.buyer(n, "captured", f"{method}_{provider.run}_{n}")

    def _run(self) -> None:
        moving = self._advance()
        while moving and (self.steps < self._least or not self._stop.is_set()):
            self._now += STEP
            moving = self._advance()
            self._order_something()
            self.steps += moving

    def _order_something(self) -> None:
        """The first hold is lifted again two steps later."""
        page = self._provider.client.look(
            "subscriptions", "/v1/subscriptions?status=active&limit=20", self._patience
        )
        fresh = [each["id"] for each in page["data"] if each["id"] not in self._held]
        for what in ("cancel", "hold", "extend"):
            if fresh:
                name = fresh.pop(self._random.randrange(len(fresh)))
                if what == "hold":
                    self._held.append(name)
                order(self._provider, name, what, self._journal)
        if self.steps % 2 and self._held:
            order(self._provider, self._held.pop(0), "lift", self._journal)

    def _advance(self) -> bool:
        """Until the clock rests there; a failure names who was away, and is asked again."""
        asked, path = 0, f"/v1/test_clocks/{self._provider.clock_id}"
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            clock = self._provider.client.look("customers", path, self._patience)
            if clock["status"] == "ready" and asked and clock["now"] == clock["target"]:
                return True
            if clock["status"] != "advancing":
                self.failures += clock["status"] == "failed"
                asked += 1
                self._provider.client.change(
                    "POST",
                    "customers",
                    f"{path}/advance",
                    body={"to": self._now.isoformat()},
                    key=f"advance-{self.steps}-{asked}",
                )
            time.sleep(LOOK_SECONDS)
        self._journal.write("clock_stuck", at_step=self.steps)
        return False
