"""What becomes of an accepted checkout, as the other services tell it."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from shared.contracts.event import Change, EventContract, Interval
from shared.contracts.subscriptions import (
    OrderRefused,
    OrderState,
    Refusal,
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionState,
)
from shared.ids import derived_id
from tests.integration.customers.platform import Customers, Partner, a_checkout

AT = datetime(2027, 2, 1, tzinfo=UTC)
REFUSAL = Refusal(
    code="unknown_offer",
    field="offer",
    message="there is no offer tv-imaginary",
    way_out="Order one that is published.",
)


def checkout_id(partner: Partner, name: str = "1") -> str:
    return derived_id("chk", partner.id, f"shop-{name}")


def change(kind: str, reason: str | None = None) -> Change:
    return Change(kind=kind, reason=reason, actor="service:subscriptions", at=AT)


def refused(partner: Partner, name: str = "1", **order: Any) -> OrderRefused:
    state: dict[str, Any] = {
        "partner_id": partner.id,
        "version": 1,
        "id": "ord_1",
        "kind": "new",
        "status": "refused",
        "checkout_id": checkout_id(partner, name),
    }
    return OrderRefused(
        order=OrderState(**(state | order)), refusal=REFUSAL, change=change("refused")
    )


def a_subscription(partner: Partner, name: str = "1", **changes: Any) -> SubscriptionState:
    state: dict[str, Any] = {
        "partner_id": partner.id,
        "version": 2,
        "id": "sub_1",
        "customer_id": "cus_1",
        "bill_to": "cus_1",
        "checkout_id": checkout_id(partner, name),
        "status": "active",
        "offer": "tv-basic",
        "interval": Interval(unit="month"),
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "items": [],
        "trial_days": 0,
        "end_of_term": "suspend",
        "created_at": AT,
    }
    return SubscriptionState(**(state | changes))


def activated(partner: Partner, **changes: Any) -> SubscriptionActivated:
    state = a_subscription(partner, activated_at=AT, **changes)
    return SubscriptionActivated(subscription=state, change=change("activated"))


def canceled(
    partner: Partner, reason: str = "payment_not_received", **changes: Any
) -> SubscriptionCanceled:
    state = a_subscription(partner, **({"status": "canceled"} | changes))
    return SubscriptionCanceled(subscription=state, change=change("canceled", reason))


async def ends(customers: Customers) -> list[tuple[str, str | None]]:
    rows = await customers.rows("select status, subscription_id from checkouts order by reference")
    return [(row["status"], row["subscription_id"]) for row in rows]


@pytest.fixture
async def accepted(shop: Customers) -> Customers:
    await shop.upstream(a_checkout())
    return shop


async def test_an_activated_subscription_fulfils_its_checkout(
    accepted: Customers, partner: Partner
) -> None:
    await accepted.hear(activated(partner))

    assert await ends(accepted) == [("fulfilled", "sub_1")]
    assert await accepted.said("checkout.rejected") == []


async def test_a_refused_order_rejects_its_checkout_in_the_same_words(
    accepted: Customers, partner: Partner
) -> None:
    await accepted.hear(refused(partner))

    [rejected] = await accepted.outbox("checkout.rejected")
    assert rejected["rejection"] == REFUSAL.model_dump()
    assert rejected["checkout"]["version"] == 2
    assert rejected["checkout"]["payment"]["reference"] == "ch_1"
    assert rejected["change"]["reason"] == "unknown_offer"
    assert rejected["ce"]["ce_correlationid"] == "story-1"


@pytest.mark.parametrize(
    "reason",
    ["payment_not_received", "reference_taken", "not_captured", "provisioning_failed", "asked"],
)
async def test_a_subscription_canceled_before_it_ran_rejects_its_checkout(
    accepted: Customers, partner: Partner, reason: str
) -> None:
    await accepted.hear(canceled(partner, reason))

    [rejected] = await accepted.outbox("checkout.rejected")
    assert (rejected["rejection"]["code"], rejected["rejection"]["field"]) == (reason, None)
    assert rejected["checkout"]["subscription_id"] == "sub_1"
    assert rejected["rejection"]["way_out"]


async def test_the_end_of_a_subscription_that_ran_does_not_reject_its_checkout(
    accepted: Customers, partner: Partner
) -> None:
    later = canceled(partner, status="active", activated_at=AT, version=5)

    await accepted.hear(later)
    await accepted.hear(activated(partner))

    assert await ends(accepted) == [("fulfilled", "sub_1")]
    assert await accepted.said("checkout.rejected") == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_one_poll_ends_a_checkout_alike_in_every_order(
    accepted: Customers, partner: Partner, order: tuple[int, ...]
) -> None:
    events: list[EventContract] = [
        activated(partner),
        canceled(partner, status="active", activated_at=AT, version=5),
        activated(partner, version=3),
    ]

    await accepted.hear(*(events[n] for n in order))

    assert await ends(accepted) == [("fulfilled", "sub_1")]


async def test_a_fulfilled_checkout_is_never_rejected(
    accepted: Customers, partner: Partner
) -> None:
    await accepted.hear(activated(partner))

    await accepted.hear(canceled(partner), refused(partner))

    assert await ends(accepted) == [("fulfilled", "sub_1")]
    assert await accepted.said("checkout.rejected") == []


async def test_a_rejected_checkout_is_rejected_once(accepted: Customers, partner: Partner) -> None:
    await accepted.hear(refused(partner), refused(partner))
    await accepted.hear(canceled(partner), activated(partner))

    assert await accepted.said("checkout.rejected") == ["checkout.rejected"]
    assert await ends(accepted) == [("rejected", None)]


async def test_many_end_in_one_poll(shop: Customers, partner: Partner) -> None:
    await shop.upstream(*(a_checkout(str(n)) for n in range(50)))

    await shop.hear(*(refused(partner, str(n)) for n in range(50)))

    assert await ends(shop) == [("rejected", None)] * 50
    assert len(await shop.outbox("checkout.rejected")) == 50


async def test_orders_and_subscriptions_without_a_checkout_are_none_of_our_business(
    accepted: Customers, partner: Partner
) -> None:
    await accepted.hear(
        refused(partner, kind="amendment", subscription_id="sub_1"),
        refused(partner, checkout_id=None, subscription_id="sub_1"),
        activated(partner, checkout_id=None),
        canceled(partner, checkout_id=None),
    )

    assert await ends(accepted) == [("accepted", None)]
    assert await accepted.letters() == []


async def test_what_speaks_of_an_unknown_checkout_waits_and_stops_nobody(
    accepted: Customers, partner: Partner
) -> None:
    await accepted.hear(refused(partner, "unheard-of"), refused(partner))

    assert await ends(accepted) == [("rejected", None)]
    assert await accepted.letters() == [("parked", "failed")]


async def test_another_partners_word_does_not_end_a_checkout(
    accepted: Customers, partner: Partner
) -> None:
    stranger = await accepted.partner()

    await accepted.hear(refused(partner, partner_id=stranger.id))

    assert await ends(accepted) == [("accepted", None)]
