"""A checkout's end and its money, over topics without an order among them: the same end always."""

from typing import Any

import pytest

from shared.contracts.event import EventContract
from shared.contracts.subscriptions import SubscriptionCanceled, SubscriptionCreated
from tests.integration.billing import told
from tests.integration.billing.crossing import CROSSING, End, Heard, cross, end_of
from tests.integration.billing.story import Story

NOTHING_TAKEN = End(taken=0)
CARD, CAPTURED = "a card to charge", "captured money"


def money(story: Story, kind: str) -> dict[str, Any]:
    if kind == CARD:
        return {"method_ref": story.card("pm_ok")}
    return {"status": "captured", "reference": story.captured(1299)}


@pytest.mark.parametrize("kind", [CARD, CAPTURED])
@pytest.mark.parametrize("heard", Heard)
async def test_a_rejected_checkout_has_cost_nothing_whichever_is_heard_first(
    story: Story, heard: Heard, kind: str
) -> None:
    paid = money(story, kind)

    await cross(
        story,
        heard,
        charge=lambda: story.is_created(**paid),
        word=lambda: story.rejected(**paid),
    )

    assert await end_of(story) == NOTHING_TAKEN


@pytest.mark.parametrize("heard", CROSSING)
async def test_a_first_charge_and_the_cancellation_leave_no_money_here(
    story: Story, heard: Heard
) -> None:
    await cross(
        story,
        heard,
        charge=lambda: story.is_created(method_ref=story.card("pm_ok")),
        word=story.canceled,
    )

    assert await end_of(story) == NOTHING_TAKEN


@pytest.mark.parametrize("kind", [CARD, CAPTURED])
@pytest.mark.parametrize("polls", [[(0, 1)], [(1,), (0,)]], ids=["in one poll", "swapped"])
async def test_a_creation_heard_together_with_the_cancellation_is_taken_in_and_costs_nothing(
    story: Story, polls: list[tuple[int, ...]], kind: str
) -> None:
    words: list[EventContract] = [
        story.event(SubscriptionCreated, payment=told.payment(**money(story, kind)))
    ]
    story.status = "canceled"
    words.append(story.event(SubscriptionCanceled))
    await story.billing.steps_to(story.partner, story.at)

    for poll in polls:
        await story.billing.hear(story.at, *[words[n] for n in poll])
    await story.billing.run()

    assert await story.billing.rows("select * from parked") == []
    assert (await story.standing())["terms"]["version"] == 2
    assert [each["status"] for each in await story.invoices()] == (["void"] if kind == CARD else [])
    assert story.taken() == (0 if kind == CARD else 1299)


@pytest.mark.parametrize("kind", [CARD, CAPTURED])
@pytest.mark.parametrize("rejected_first", [False, True])
async def test_the_cancellation_and_the_rejection_that_follows_give_back_once(
    story: Story, kind: str, *, rejected_first: bool
) -> None:
    paid = money(story, kind)
    await story.created(**paid)

    if rejected_first:
        await story.rejected(**paid)
    await story.canceled()
    if not rejected_first:
        await story.rejected(**paid)

    assert [each["state"] for each in await story.refunds()] == ["succeeded"]
    assert await end_of(story) == NOTHING_TAKEN


@pytest.mark.parametrize("brought_first", [True, False])
async def test_a_card_brought_when_the_order_is_given_up_is_not_kept_charged(
    story: Story, *, brought_first: bool
) -> None:
    await story.created(method_ref=story.card("pm_hard"))
    path = f"/v1/subscriptions/{story.id}/payment_method"

    if brought_first:
        await story.brings(story.card("pm_ok"))
        await story.canceled()
    else:
        await story.canceled()
        body = {"method_ref": story.card("pm_ok")}
        await story.billing.post(story.partner, path, body, status=409)

    assert await end_of(story) == NOTHING_TAKEN


@pytest.mark.parametrize("first", ["the one who paid", "the other"])
async def test_of_two_checkouts_that_name_one_payment_the_first_has_it(
    story: Story, first: str
) -> None:
    reference = story.captured(1299)
    other = story.another()
    turns = [story, other] if first == "the one who paid" else [other, story]

    for each in turns:
        await each.created(status="captured", reference=reference)

    assert [await each.is_paid() for each in turns] == [True, False]
    assert story.taken() == 1299


@pytest.mark.parametrize("rejected_first", [False, True])
async def test_money_that_two_checkouts_claim_is_with_one_subscription_or_back(
    story: Story, *, rejected_first: bool
) -> None:
    reference = story.captured(1299)
    claim = {"status": "captured", "reference": reference}
    other = story.another()

    if rejected_first:
        await other.rejected(**claim)
    await story.created(**claim)
    if not rejected_first:
        await other.rejected(**claim)

    assert story.taken() == (1299 if await story.is_paid() else 0)
    assert await story.is_paid() is not rejected_first


@pytest.mark.parametrize("disputed_first", [False, True])
async def test_a_dispute_and_a_refund_give_the_money_back_once(
    story: Story, *, disputed_first: bool
) -> None:
    await story.created(method_ref=story.card("pm_ok"))
    [attempt] = await story.attempts()
    lost = {"reference": attempt["reference"], "state": "lost"}

    if disputed_first:
        story.billing.gateway.post("/control/dispute", lost)
    await story.canceled()
    if not disputed_first:
        refused = story.billing.gateway.http.post("/control/dispute", json=lost)
        assert refused.is_client_error

    assert story.taken() == 0
