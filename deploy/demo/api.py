"""The platform's public HTTP APIs, as the demonstration uses them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from deploy.demo.cast import OFFER, PRICES
from shared.ids import new_id

SCOPES = ["*"]


@dataclass(frozen=True)
class Partner:
    id: str
    api_key: str
    clock_id: str


class Refused(RuntimeError):
    """The API's own words: what is wrong, and the way out."""

    def __init__(self, call: str, answer: httpx2.Response) -> None:
        super().__init__(f"{call}: {answer.status_code} {answer.text}")
        self.answer = answer

    @property
    def in_short(self) -> str:
        try:
            problem = self.answer.json()
        except ValueError:
            return str(self)
        return f"{problem.get('detail')} ({problem.get('way_out') or self.answer.status_code})"


class Api:
    """`urls` by service. Every call that changes something carries a key of its own."""

    def __init__(
        self, urls: Mapping[str, str], api_key: str, http: httpx2.Client | None = None
    ) -> None:
        self._urls = urls
        self._key = api_key
        self._http = http or httpx2.Client(timeout=20)

    def close(self) -> None:
        self._http.close()

    def acting_for(self, partner: Partner) -> "Api":
        """With the partner's key; the connections are shared."""
        return Api(self._urls, partner.api_key, self._http)

    def post(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key}", "idempotency-key": new_id("demo")}
        answer = self._http.post(f"{self._urls[service]}{path}", json=body, headers=headers)
        if answer.is_error:
            raise Refused(f"POST {path}", answer)
        found: dict[str, Any] = answer.json()
        return found

    def get(self, service: str, path: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key}"}
        answer = self._http.get(f"{self._urls[service]}{path}", headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def every(self, service: str, path: str) -> Iterator[dict[str, Any]]:
        """All pages of a list."""
        joint, after = "&" if "?" in path else "?", ""
        while True:
            page = self.get(service, f"{path}{joint}limit=100{after}")
            yield from page["data"]
            if not page["has_more"]:
                return
            after = f"&starting_after={page['data'][-1]['id']}"


def make_partner(admin: Api, frozen_time: datetime) -> Partner:
    """A sandbox partner with a test clock; the first API key is shown only here."""
    made = admin.post(
        "customers",
        "/v1/partners",
        {
            "name": "Demo Television",
            "sandbox": True,
            "timezone": "Europe/Berlin",
            "country": "DE",
            "currency": "EUR",
            "support_email": "help@demo-television.example.com",
            "frozen_time": frozen_time.isoformat(),
        },
    )
    return Partner(made["id"], made["api_key"], made["test_clock"]["id"])


def furnish(api: Api, source: str) -> None:
    """The partner's shop as a source, and what it sells."""
    api.post("customers", "/v1/sources", {"source": source, "trusted_for_prices": False})
    api.post(
        "subscriptions",
        "/v1/offers",
        {
            "code": OFFER,
            "name": "Television, basic",
            "interval": {"unit": "month", "count": 1},
            "trial_days": 0,
            "end_of_term": "suspend",
            "products": [{"code": "tv", "name": "Television", "prices_minor": PRICES}],
        },
    )
