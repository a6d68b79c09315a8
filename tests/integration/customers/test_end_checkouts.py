"""What becomes of an accepted checkout, as the other services tell it."""

from itertools import permutations

import pytest

from shared.contracts.event import EventContract
from tests.integration.customers.ending import AT, REFUSAL, activated, canceled, ends, refused
from tests.integration.customers.platform import Customers, Partner, a_checkout


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
