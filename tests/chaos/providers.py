"""The two partners of a run: one who lives in real time, one whose months pass in seconds."""

from dataclasses import dataclass
from typing import Any

from deploy.platform import SERVICES
from tests.chaos.buyers import PRICES
from tests.chaos.client import Client
from tests.chaos.journal import Journal
from tests.chaos.world import World

BEGINNING = "2027-01-29T09:00:00Z"


@dataclass(frozen=True)
class Provider:
    run: str
    id: str
    source: str
    offer: str
    client: Client
    clock_id: str | None


def found(world: World, run: str, interval: str, journal: Journal) -> Provider:
    """With a shop and one thing to sell; `run` makes his name, his mails and his ids his own."""
    urls = {name: world.platform.url(name) for name in SERVICES}
    sandbox = run == "sandbox"
    admin = Client(urls, world.platform.known.admin_token)
    asked: dict[str, Any] = {
        "name": f"Television {run}",
        "sandbox": sandbox,
        "timezone": "Europe/Berlin",
        "country": "DE",
        "currency": "EUR",
        "support_email": f"help@{run}.example.com",
    }
    if sandbox:
        asked["frozen_time"] = BEGINNING
    made = _must(admin, "customers", "/v1/partners", asked, f"partner-{run}")
    admin.close()
    client = Client(urls, made["api_key"])
    source, offer = f"https://shop.example/{run}", f"tv-{run}"
    _must(client, "customers", "/v1/sources", {"source": source}, f"source-{run}")
    sold = {
        "code": offer,
        "name": "Television",
        "interval": {"unit": interval, "count": 1},
        "trial_days": 0,
        "end_of_term": "suspend",
        "products": [{"code": "tv", "name": "Television", "prices_minor": PRICES}],
    }
    _must(client, "subscriptions", "/v1/offers", sold, f"offer-{run}")
    journal.write("partner", partner_id=made["id"], canary=f"Television {run}")
    clock = (made["test_clock"] or {}).get("id")
    return Provider(run, made["id"], source, offer, client, clock)


def _must(client: Client, service: str, path: str, body: dict[str, Any], key: str) -> Any:
    heard = client.change("POST", service, path, body=body, key=key)
    if heard.outcome != "accepted":
        raise RuntimeError(f"POST {path}: {heard}")
    return heard.body
