"""The provider on the platform: made, furnished and led through time by the public interfaces."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
import orjson
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from deploy.demo.api import Api, Partner
from deploy.demo.clock import advance
from deploy.replay.catalog import ZONE, checkout, offers
from deploy.replay.customers import CURRENCY, Customer

TOPIC = "checkout.completed"
PATIENCE = 60


class Shop:
    """The provider's own shop, which may name prices: those that it negotiated."""

    def __init__(self, bootstrap: str, source: str) -> None:
        self._source = source
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 1, "log_level": 0},
            logger=None,
        )
        self._failed: KafkaError | None = None

    def sell(self, customers: list[Customer]) -> None:
        """When it returns, the broker has them all.

        Raises:
            KafkaException: one was refused.
        """
        for each in customers:
            self._producer.produce(
                TOPIC,
                orjson.dumps(checkout(each)),
                key=each.reference.encode(),
                headers=self._headers(each),
                on_delivery=self._note,
            )
        left = self._producer.flush(PATIENCE)
        if self._failed or left:
            raise KafkaException(self._failed or KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001  its name

    def _note(self, error: KafkaError | None, _: Message) -> None:
        self._failed = self._failed or error

    def _headers(self, customer: Customer) -> dict[str, str | bytes | None]:
        told = {
            "ce_specversion": "1.0",
            "ce_id": f"telco-{customer.reference}",
            "ce_source": self._source,
            "ce_type": TOPIC,
            "content-type": "application/json",
        }
        return {name: value.encode() for name, value in told.items()}


@dataclass
class Provider:
    """A sandbox partner whose mails to customers are switched off."""

    api: Api
    partner: Partner
    shop: Shop
    clock: Mapping[str, Any]

    @classmethod
    def founded(cls, admin: Api, bootstrap: str, begin: datetime) -> "Provider":
        """His clock stands a day before the first customer."""
        made = admin.post(
            "customers",
            "/v1/partners",
            {
                "name": "Telco",
                "sandbox": True,
                "timezone": ZONE,
                "country": "US",
                "currency": CURRENCY,
                "support_email": "help@telco.example.com",
                "notifications_enabled": False,
                "frozen_time": (begin - timedelta(days=1)).isoformat(),
            },
        )
        partner = Partner(made["id"], made["api_key"], made["test_clock"]["id"])
        api = admin.acting_for(partner)
        _await_key(api)
        source = f"https://telco.example.com/{partner.id}"
        api.post("customers", "/v1/sources", {"source": source, "trusted_for_prices": True})
        for each in offers():
            api.post("subscriptions", "/v1/offers", each)
        provider = cls(api, partner, Shop(bootstrap, source), made["test_clock"])
        provider.move_to(begin - timedelta(days=1))
        return provider

    def move_to(self, instant: datetime) -> None:
        """Until all that happens up to then has happened.

        Raises:
            ClockFailed: something stands in its way.
        """
        self.clock = advance(self.api, self.partner.clock_id, instant)

    def give_notice(self, subscription_id: str, reason: str, *, release: bool) -> None:
        """`release` lets the customer go before his minimum term is over."""
        self.api.post(
            "subscriptions",
            f"/v1/subscriptions/{subscription_id}/cancel",
            {"at": "period_end", "reason": reason, "release_from_minimum_term": release},
        )


def _await_key(api: Api) -> None:
    """A new API key reaches the other services as an event, like everything else."""
    deadline = time.monotonic() + PATIENCE
    for service, path in (
        ("customers", "/v1/customers"),
        ("subscriptions", "/v1/offers"),
        ("billing", "/v1/invoices"),
    ):
        while True:
            try:
                api.get(service, path)
                break
            except httpx2.HTTPStatusError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
