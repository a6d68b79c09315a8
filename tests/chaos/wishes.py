"""What the live partner orders over the API while everything fails: ends, gifts, holds."""

from random import Random
from threading import Event

from tests.chaos.client import Heard
from tests.chaos.journal import Journal
from tests.chaos.providers import Provider

PAUSE_SECONDS = 1.0
ORDERS = ("cancel", "extend", "hold")


class Wishes:
    """One subscription after the other, each once."""

    def __init__(self, provider: Provider, seed: int, journal: Journal) -> None:
        self._provider = provider
        self._random = Random(f"{seed} wishes")
        self._journal = journal
        self._served: set[str] = set()

    def run(self, over: Event) -> None:
        while not over.wait(PAUSE_SECONDS):
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
                what = self._random.choice(ORDERS)
                order(self._provider, name, what, f"{what}-{name}", self._journal)


def order(provider: Provider, subscription_id: str, what: str, key: str, journal: Journal) -> Heard:
    """One command, as far as it was heard, and its line in the journal. Its key is what tells it
    from another of the same kind: whoever means one anew gives it a new one.
    """
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
    heard = provider.client.change(call[0], "subscriptions", call[1], body=body or None, key=key)
    journal.write(
        "command", order=what, subscription_id=subscription_id, key=key, outcome=heard.outcome
    )
    return heard
