"""Checkouts at a steady rate, whatever happens to the platform; the shop takes the money first."""

import time
from collections.abc import Iterable
from random import Random
from threading import Event

import httpx2

from tests.chaos.buyers import Sale
from tests.chaos.journal import Journal
from tests.chaos.shop import Shop

# Of a hundred checkouts so many are published once more, with the same id, up to 20 s later.
REPEATED = 8
LATEST_REPEAT = 20.0


class Load:
    """What it does is in the journal."""

    def __init__(
        self,
        sales: Iterable[Sale],
        rate: float,
        seed: int,
        *,
        shop: Shop,
        gateway: str,
        journal: Journal,
    ) -> None:
        self._sales = sales
        self._rate = rate
        self._random = Random(f"{seed} repeats")
        self._shop = shop
        self._gateway = gateway
        self._journal = journal
        self._again: list[tuple[float, Sale]] = []
        self.sold = 0
        self.seconds = 0.0

    def run(self, over: Event) -> None:
        begun = time.monotonic()
        try:
            self._sell(over, begun)
        finally:
            self.seconds = time.monotonic() - begun

    def _sell(self, over: Event, begun: float) -> None:
        with httpx2.Client(base_url=self._gateway, timeout=20) as gateway:
            for sale in self._sales:
                due = begun + self.sold / self._rate
                if over.wait(max(due - time.monotonic(), 0)):
                    break
                take_money(gateway, sale)
                self._journal.write("sale", **sale.told())
                self._shop.sell(sale)
                self.sold += 1
                self._repeat_some(sale)

    def _repeat_some(self, sale: Sale) -> None:
        now = time.monotonic()
        if self._random.randrange(100) < REPEATED:
            self._again.append((now + self._random.uniform(0, LATEST_REPEAT), sale))
        for each in [each for each in self._again if each[0] <= now]:
            self._again.remove(each)
            self._shop.sell(each[1], "repeat")


def take_money(gateway: httpx2.Client, sale: Sale) -> None:
    if not sale.taken_minor:
        return
    gateway.post(
        "/v1/captures",
        json={
            "reference": sale.reference,
            "amount": sale.taken_minor,
            "currency": sale.currency,
            "method_ref": sale.method_ref,
        },
    ).raise_for_status()
