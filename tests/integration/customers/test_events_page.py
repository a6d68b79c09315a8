"""docs/events.md: a stranger who copies from it succeeds, and its lists are the code's."""

import asyncio
import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.topics import declared_topics
from services.customers.domain import details, order_form, text
from services.customers.domain.rejection import Rejection
from shared import calendar, money
from shared.contracts.subscriptions import SubscriptionActivated
from shared.contracts.upstream import CheckoutCompleted
from shared.errors import Invalid
from shared.malformed import Reason
from shared.received import receive
from tests.integration.customers.platform import Customers, Partner

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
EXAMPLES: list[dict[str, Any]] = [
    json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
]
STRUCTURED = [each for each in EXAMPLES if "specversion" in each]
BODIES = [each for each in EXAMPLES if "checkout_id" in each]
TOPIC = "checkout.completed"
SHOP, SIGNED = "https://shop.example/checkout", "https://shop.example/signed"


def shell(name: str) -> str:
    found = re.search(rf"^{name}='?(.*?)'?$", PAGE, re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture
async def stranger(customers: Customers, partner: Partner) -> Customers:
    """The page's shop is registered, and its signing one with the page's key."""
    await customers.shop(partner, SIGNED, signing_key=True)
    async with customers.service.transactions.begin() as tx:
        await tx.sql.execute(
            "update sources set signing_key = $1 where uri = $2", shell("KEY"), SIGNED
        )
    return customers


async def ends(customers: Customers) -> list[tuple[str, str]]:
    told = await customers.outbox("checkout.accepted", "checkout.rejected")
    return sorted((each["checkout"]["reference"], each["checkout"]["status"]) for each in told)


async def test_every_example_of_a_checkout_is_accepted(stranger: Customers) -> None:
    structured = [stranger.raw(TOPIC, None, orjson.dumps(each), ()) for each in STRUCTURED]

    await stranger.deliver(*(stranger.record(each, source=SHOP) for each in BODIES), *structured)

    assert await stranger.letters() == []
    assert await ends(stranger) == [
        ("shop-2026-0001", "accepted"),
        ("shop-2026-0002", "accepted"),
        ("shop-2026-0003", "accepted"),
    ]


async def test_the_signed_value_is_believed_with_the_signature_that_is_printed(
    stranger: Customers,
) -> None:
    printed = re.search(r"```text\n([0-9a-f]{64})\n```", PAGE)
    assert printed

    await stranger.deliver(
        stranger.record(
            shell("VALUE").encode(),
            source=SIGNED,
            headers=[("ce_signature", printed[1].encode())],
        )
    )

    assert await ends(stranger) == [("shop-2026-0003", "accepted")]


async def test_openssl_prints_the_signature_of_the_page() -> None:
    openssl = await asyncio.create_subprocess_exec(
        *("openssl", "dgst", "-sha256", "-hmac", shell("KEY"), "-r"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await openssl.communicate(shell("VALUE").encode())

    assert f"```text\n{printed.split()[0].decode()}\n```" in PAGE


def test_every_example_can_be_read_by_whoever_reads_the_topic(customers: Customers) -> None:
    contracts = {TOPIC: CheckoutCompleted}
    read = [
        receive(customers.raw(TOPIC, None, orjson.dumps(each), ()), contracts)
        for each in STRUCTURED
    ]

    assert [each.id for each in read] == list(dict.fromkeys(each.id for each in read))
    assert {each.event.offer for each in read} == {"tv-basic"}


def test_the_example_of_a_subscription_is_one() -> None:
    [example] = [each for each in EXAMPLES if "subscription" in each]

    event = SubscriptionActivated.model_validate_json(json.dumps(example))

    assert json.loads(event.model_dump_json()) == example


def fields_of(model: Any, prefix: str = "") -> list[str]:
    return [f"{prefix}{name}" for name in model.model_fields]


def test_every_field_that_may_be_sent_is_on_the_page() -> None:
    parts = CheckoutCompleted.model_fields
    names = chain(
        fields_of(CheckoutCompleted),
        fields_of(parts["payment"].annotation, "payment."),
        fields_of(parts["customer"].annotation, "customer."),
    )

    assert [
        each for each in names if each not in {"customer", "payment"} and f"`{each}`" not in PAGE
    ] == []


def codes(module: Any) -> set[str]:
    found = (getattr(module, name) for name in dir(module))
    return {
        each.code
        for each in found
        if isinstance(each, type)
        and issubclass(each, Invalid)
        and each.__module__ == module.__name__
    }


def test_every_rejection_is_on_the_page() -> None:
    ours = codes(details) | codes(order_form) | codes(text)
    ours |= {calendar.UnknownZone.code, money.UnknownCurrency.code}
    endings = {"payment_not_received", "reference_taken", "not_captured", "provisioning_failed"}

    assert sorted(each for each in ours | endings if f"`{each}`" not in PAGE) == []
    unknown = Rejection.of_ending("unheard of").message
    assert [each for each in endings if Rejection.of_ending(each).message == unknown] == []


def test_every_dead_letter_is_on_the_page() -> None:
    assert [each.value for each in Reason if f"`{each.value}`" not in PAGE] == []


def test_every_topic_on_the_page_exists() -> None:
    declared = {topic.name for topic in declared_topics()}
    [table] = re.findall(r"### Topics\n(.*?)\n\n[A-Z]", PAGE, re.DOTALL)
    named = {each for each in re.findall(r"`([a-z_]+\.[a-z_]+)`", table) if "*" not in each}

    assert len(named) > 30
    assert sorted(named - declared) == []
