"""Results are told to who listens: signed, once or twice, early or never, and after a crash, too."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.standins.listening import Heard, Listener
from tests.standins.running import StandIn
from tests.standins.stories import a_charge, a_refund

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()


@pytest.fixture
def told(gateway: StandIn, listener: Listener) -> Iterator[StandIn]:
    gateway.post("/control/webhooks", {"url": listener.url, "secret": SECRET})
    yield gateway
    gateway.post("/control/webhooks", {"url": None})


def test_a_webhook_carries_the_charge_and_its_signature_verifies(
    told: StandIn, listener: Listener
) -> None:
    charge = told.post("/v1/charges", a_charge(), **{"Perennial-Now": "2031-01-31T00:00:00Z"})

    [webhook] = listener.wait_for(1, about=charge["reference"])

    assert webhook.event["type"] == "charge.succeeded"
    assert webhook.event["created"] == "2031-01-31T00:00:00Z"
    assert webhook.event["data"] == charge
    assert webhook.headers["webhook-id"] == webhook.event["id"]
    assert webhook.headers["webhook-signature"] == _signed(webhook)


def test_a_decline_a_refund_and_a_dispute_are_told_too(told: StandIn, listener: Listener) -> None:
    declined = told.post("/v1/charges", a_charge("pm_decline_1"))
    charge = told.post("/v1/charges", a_charge())
    refund = told.post("/v1/refunds", a_refund(charge, 100))
    told.post("/control/dispute", {"reference": charge["reference"], "state": "opened"})

    [failed] = listener.wait_for(1, about=declined["reference"])
    [refunded] = listener.wait_for(1, about=refund["reference"])
    about_charge = listener.wait_for(2, about=charge["reference"])

    assert (failed.event["type"], refunded.event["type"]) == ("charge.failed", "refund.succeeded")
    types = {each.event["type"] for each in about_charge}
    assert types == {"charge.succeeded", "charge.disputed"}


def test_a_webhook_may_come_twice_under_one_id(told: StandIn, listener: Listener) -> None:
    told.rule("webhook_twice", match={})

    charge = told.post("/v1/charges", a_charge())

    first, second = listener.wait_for(2, about=charge["reference"])
    assert first.event == second.event


def test_a_webhook_may_come_before_the_answer(told: StandIn, listener: Listener) -> None:
    told.rule("webhook_first", match={})

    charge = told.post("/v1/charges", a_charge())

    assert len(listener.about(charge["reference"])) == 1


def test_a_webhook_may_never_come(told: StandIn, listener: Listener) -> None:
    told.rule("no_webhook", match={"key": "silent/1"})

    silent = told.post("/v1/charges", a_charge(key="silent/1"))
    listener.wait_for(1, about=told.post("/v1/charges", a_charge())["reference"])

    assert listener.about(silent["reference"]) == []


def test_a_refused_webhook_is_sent_again(told: StandIn, listener: Listener) -> None:
    listener.refusing = 1

    charge = told.post("/v1/charges", a_charge())

    [webhook] = listener.wait_for(1, about=charge["reference"])
    assert webhook.event["data"] == charge


def test_a_webhook_outstanding_at_a_crash_is_sent_after_the_restart(
    ledger: Path, listener: Listener
) -> None:
    listener.refusing = 1_000_000
    options = ("--webhook-url", listener.url, "--webhook-secret", SECRET)
    gateway = StandIn.started("gateway", ledger, *options)
    charge = gateway.post("/v1/charges", a_charge())

    gateway.kill()
    listener.refusing = 0
    gateway.start()

    [webhook] = listener.wait_for(1, about=charge["reference"])
    gateway.kill()
    assert webhook.event["data"] == charge


def _signed(webhook: Heard) -> Any:
    told = f"{webhook.headers['webhook-id']}.{webhook.headers['webhook-timestamp']}."
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, told.encode() + webhook.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
