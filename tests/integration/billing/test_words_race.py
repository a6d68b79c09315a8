"""Words of another service on several topics, which have no order: orders, ends, holds."""

from collections.abc import Sequence

import pytest

from shared.contracts.event import EventContract
from shared.contracts.subscriptions import (
    Hold,
    SubscriptionCanceled,
    SubscriptionResumed,
    SubscriptionSuspended,
    SubscriptionTerminated,
    SubscriptionUncanceled,
)
from tests.integration.billing import ordering
from tests.integration.billing.crossing import End, Heard, cross, end_of
from tests.integration.billing.ordering import BACK, END, an_ended, an_order, cancels, orders
from tests.integration.billing.story import Story, midnight, soon_after

IN_ORDER_OR_NOT = pytest.mark.parametrize("turn", [(0, 1), (1, 0)], ids=["in order", "swapped"])
Turn = Sequence[int]


async def hear(story: Story, turn: Turn, *words: EventContract) -> None:
    """Each in a poll of its own."""
    for n in turn:
        await story.billing.hear(story.at, words[n])


@pytest.mark.parametrize("heard", Heard)
async def test_an_order_that_is_canceled_has_cost_nothing_and_the_next_one_is_paid(
    story: Story, heard: Heard
) -> None:
    await an_ended(story)
    placed = an_order(story)

    await cross(
        story,
        heard,
        charge=lambda: story.billing.hear(story.at, placed),
        word=lambda: cancels(story, placed.order.id),
    )
    assert await end_of(story) == End(taken=1299)

    await orders(story)
    assert await end_of(story) == End(taken=2 * 1299)
    [*_, opened] = [each for each in await story.said() if each["type"] == "period.opened"]
    assert (opened["period"]["start"], opened["anchor_on"]) == (
        "2026-03-10T08:00:00Z",
        "2026-03-10",
    )


@IN_ORDER_OR_NOT
@pytest.mark.parametrize("heard", [Heard.UNANSWERED, Heard.AFTER])
async def test_a_termination_and_the_order_that_it_drops_leave_neither_money_nor_debt(
    story: Story, heard: Heard, turn: Turn
) -> None:
    await an_ended(story)
    placed = an_order(story)

    async def ends() -> None:
        story.status = "terminated"
        terminated = story.event(SubscriptionTerminated)
        canceled = ordering.canceled(story, placed.order.id)
        await hear(story, turn, terminated, canceled)
        await story.billing.run()

    await cross(story, heard, charge=lambda: story.billing.hear(story.at, placed), word=ends)

    assert await end_of(story) == End(taken=1299)
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


@IN_ORDER_OR_NOT
async def test_an_order_and_the_end_that_it_follows_may_come_in_either_order(
    story: Story, turn: Turn
) -> None:
    await story.running(story.card("pm_ok"))
    await story.canceled(ends_at=END)
    await story.until(BACK)
    story.holds = [Hold(kind="ended", reason="term_ended", actor="t", placed_at=END)]
    suspended = story.event(SubscriptionSuspended, hold=story.holds[0])

    await hear(story, turn, suspended, an_order(story))
    await story.billing.run()

    assert (await story.types())[-1] == "order.cleared"
    assert await end_of(story) == End(taken=2 * 1299)


@IN_ORDER_OR_NOT
async def test_an_end_and_its_taking_back_leave_the_next_period_to_be_paid(
    story: Story, turn: Turn
) -> None:
    await story.running(story.card("pm_ok"))
    boundary = midnight(2026, 2, 28)
    story.ends_at = boundary
    canceled = story.event(SubscriptionCanceled)
    story.ends_at = None
    uncanceled = story.event(SubscriptionUncanceled)

    await hear(story, turn, canceled, uncanceled)
    await story.until(soon_after(2026, 2, 28))

    assert await end_of(story) == End(taken=2 * 1299)


@IN_ORDER_OR_NOT
async def test_a_hold_and_its_lifting_leave_the_next_period_to_be_paid(
    story: Story, turn: Turn
) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(midnight(2026, 2, 10))
    story.holds = [Hold(kind="requested", reason="r", actor="op", placed_at=story.at)]
    suspended = story.event(SubscriptionSuspended, hold=story.holds[0])
    story.holds = []
    resumed = story.event(SubscriptionResumed)

    await hear(story, turn, suspended, resumed)
    await story.until(soon_after(2026, 2, 28))

    assert await end_of(story) == End(taken=2 * 1299)
