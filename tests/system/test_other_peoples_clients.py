"""A shop and a subscriber that use nothing of ours: kcat, and librdkafka's own consumer."""

import asyncio
import json
import shutil
import time
from collections.abc import Sequence

import pytest
from confluent_kafka import Consumer

from tests.system.provider import Provider

KCAT = shutil.which("kcat") or shutil.which("kafkacat")
needs_kcat = pytest.mark.skipif(KCAT is None, reason="kcat is not installed (Debian: kcat)")


async def _kcat(provider: Provider, line: str, *headers: str) -> None:
    arguments: Sequence[str] = [part for each in headers for part in ("-H", each)]
    process = await asyncio.create_subprocess_exec(
        str(KCAT),
        *("-P", "-b", provider.platform.bootstrap, "-t", "checkout.completed", *arguments),
        stdin=asyncio.subprocess.PIPE,
    )
    await process.communicate(line.encode())
    assert process.returncode == 0


def _read_activated(bootstrap: str, reference: str) -> dict[str, object]:
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"other-{reference}",
            "auto.offset.reset": "earliest",
        }
    )
    reader.subscribe(["subscription.activated"])
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            message = reader.poll(0.5)
            if message is None or message.error():
                continue
            body: dict[str, dict[str, object]] = json.loads(message.value() or b"{}")
            if body["subscription"]["checkout_reference"] == reference:
                return body["subscription"]
    finally:
        reader.close()
    raise AssertionError(f"no subscription.activated for {reference}")


@needs_kcat
async def test_a_shop_publishes_with_kcat_in_binary_mode(provider: Provider) -> None:
    checkout = provider.checkout()

    await _kcat(
        provider,
        json.dumps(checkout),
        *("ce_id=kcat-1", f"ce_source={provider.source}", "ce_specversion=1.0"),
        *("ce_type=checkout.completed", "content-type=application/json"),
    )

    seen = await asyncio.to_thread(
        _read_activated, provider.platform.bootstrap, checkout["checkout_id"]
    )
    assert seen["status"] == "active"


@needs_kcat
async def test_a_shop_publishes_one_line_of_json_in_structured_mode(provider: Provider) -> None:
    checkout = provider.checkout()
    line = {
        "specversion": "1.0",
        "id": "kcat-2",
        "source": provider.source,
        "type": "checkout.completed",
        "data": checkout,
    }

    await _kcat(provider, json.dumps(line))

    seen = await asyncio.to_thread(
        _read_activated, provider.platform.bootstrap, checkout["checkout_id"]
    )
    assert seen["status"] == "active"
