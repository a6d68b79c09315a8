"""What the live partner orders over the API while everything fails: ends, gifts, holds."""

import threading
from random import Random

from tests.chaos.client import Heard
from tests.chaos.journal import Journal
from tests.chaos.providers import Provider

PAUSE_SECONDS = 1.0
ORDERS = ("cancel", "extend", "hold")


class Wishes:
    """One subscription after the other, each once; in a thread of its own until `stop`."""

    def __init__(self, provider: Provider, seed: int, journal: Journal) -> None:
        self._provider = provider
        self._random = Random(f"{seed} wishes")
        self._journal = journal
        self._served: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            try:
                page = self._provider.client.look(
                    "subscriptions", "/v1/subscriptions?status=active&limit=50", 5
                )
            except TimeoutError:
                continue
            fresh = [each["id"] for each in page["data"] if each["id"] not in self._served]
            if fresh:
                name = self._random.choice(fresh)
                self._served.add(name)
                order(self._provider, name, self._random.choice(ORDERS), self._journal)


def order(provider: Provider, subscription_id: str, what: str, journal: Journal) -> Heard:
    """One command, as far as it was heard, and its line in the journal."""
    path = f"/v1/subscriptions/{subscription_id}"
    body: dict[str, object]
    match what:
        case "cancel":
            call, body = ("POST", f"{path}/cancel"), {"at": "period_end", "reason": "moving"}
        case "extend":
            call, body = ("POST", f"{path}/extend"), {"intervals": 1, "note": "a gift"}
        case "hold":
            call, body = ("PUT", f"{path}/holds/requested"), {"reason": "a journey"}
        case _:
            call, body = ("DELETE", f"{path}/holds/requested"), {}
    heard = provider.client.change(
        call[0], "subscriptions", call[1], body=body or None, key=f"{what}-{subscription_id}"
    )
    journal.write("command", order=what, subscription_id=subscription_id, outcome=heard.outcome)
    return heard
