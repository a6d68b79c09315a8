"""What crosses a charge at a boundary, heard before it, in its midst and after: the same end."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from tests.integration.billing import crossing
from tests.integration.billing.crossing import (
    End,
    Heard,
    asked,
    cross,
    end_of,
    hear_answers,
)
from tests.integration.billing.story import Story, midnight, soon_after

A_SECOND = timedelta(seconds=1)
BOUNDARY = midnight(2026, 2, 28)
DUE = soon_after(2026, 2, 28)
A_WEEK_LATER = soon_after(2026, 3, 7)
CROSSING = pytest.mark.parametrize("heard", Heard)


@CROSSING
async def test_a_hold_from_before_the_boundary_leaves_it_unpaid_and_the_billing_day_as_it_was(
    story: Story, heard: Heard
) -> None:
    await story.running(story.card("pm_ok"))

    await cross(
        story,
        heard,
        charge=lambda: story.until(DUE),
        word=lambda: story.held("abuse", BOUNDARY - A_SECOND),
    )
    assert await end_of(story) == End(taken=1299)

    await story.until(midnight(2026, 4, 12))
    await story.resumed()
    await story.until(soon_after(2026, 4, 30))
    assert await end_of(story) == End(taken=2 * 1299)
    assert (await story.invoices())[-1]["period_start"] == midnight(2026, 4, 30)


@CROSSING
async def test_an_end_at_the_boundary_leaves_what_lies_behind_it_unpaid(
    story: Story, heard: Heard
) -> None:
    await story.running(story.card("pm_ok"))

    await cross(
        story,
        heard,
        charge=lambda: story.until(DUE),
        word=lambda: story.canceled(ends_at=BOUNDARY),
    )
    await story.until(soon_after(2026, 3, 31))

    assert await end_of(story) == End(taken=1299)


@CROSSING
async def test_cancelled_while_past_due_nothing_is_paid_beyond_what_was(
    story: Story, heard: Heard
) -> None:
    """Whoever cancels has not heard of the payment, or it would not have ended now."""
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_fail_1"))
    await story.until(DUE)
    story.status = "past_due"

    await cross(
        story,
        heard,
        charge=lambda: story.until(soon_after(2026, 3, 1)),
        word=lambda: story.canceled(ends_at=story.at),
    )
    await story.until(soon_after(2026, 4, 1))

    assert await end_of(story) == End(taken=1299)


@pytest.mark.parametrize("heard", crossing.CROSSING)
async def test_terminated_for_good_it_keeps_no_payment_that_crossed(
    story: Story, heard: Heard
) -> None:
    await cut_for_non_payment(story)
    await story.until(soon_after(2026, 4, 6))

    await cross(story, heard, charge=lambda: bring(story), word=story.terminated)

    assert await end_of(story) == End(taken=1299)


@pytest.mark.parametrize(
    ("heard", "paid_minor"),
    [*((heard, 0) for heard in Heard), (Heard.UNANSWERED, 1299), (Heard.AFTER, 1299)],
)
async def test_an_extension_and_a_charge_reach_equally_far_for_the_same_money(
    story: Story, heard: Heard, paid_minor: int
) -> None:
    await story.running(story.card("pm_ok"))

    await cross(
        story,
        heard,
        charge=lambda: story.until(DUE),
        word=lambda: story.extended(1, paid_minor=paid_minor),
    )
    await story.renewed()
    for at in (soon_after(2026, 3, 31), soon_after(2026, 4, 30)):
        await story.until(at)
        await story.renewed()

    assert await end_of(story) == End(taken=3 * 1299)
    assert (await story.billing.balances()).get("external_clearing", 0) == paid_minor
    assert (await story.standing())["paid_through"] == midnight(2026, 5, 31)


@CROSSING
async def test_an_extension_to_a_day_and_a_charge_reach_equally_far_for_the_same_money(
    story: Story, heard: Heard
) -> None:
    await story.running(story.card("pm_ok"))

    await cross(
        story,
        heard,
        charge=lambda: story.until(DUE),
        word=lambda: story.extended(1, until=date(2026, 3, 20)),
    )
    await story.renewed()
    for at in (soon_after(2026, 3, 20), soon_after(2026, 4, 20)):
        await story.until(at)
        await story.renewed()

    assert await end_of(story) == End(taken=3 * 1299)
    assert (await story.standing())["paid_through"] == midnight(2026, 5, 20)


@pytest.mark.parametrize("grace_ends_first", [False, True])
async def test_a_payment_and_the_end_of_grace_leave_it_paid_and_running(
    story: Story, *, grace_ends_first: bool
) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))
    await story.until(DUE)
    await story.until(A_WEEK_LATER - timedelta(hours=1))
    await story.billing.pause()
    await bring(story)
    answers = await asked(story)

    if grace_ends_first:
        await story.until(A_WEEK_LATER)
    await hear_answers(answers)
    story.billing.go_on()
    await story.until(A_WEEK_LATER)

    assert ("dunning.exhausted" in await story.types()) is grace_ends_first
    assert await end_of(story) == End(taken=2 * 1299)
    opened = [each for each in await story.said() if each["type"] == "period.opened"]
    assert [each["period"]["no"] for each in opened] == [0, 1]


@pytest.mark.parametrize("by_hand_first", [False, True])
async def test_a_payment_by_hand_and_the_retry_of_that_hour_are_one_charge(
    story: Story, *, by_hand_first: bool
) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_fail_1"))
    await story.until(DUE)
    [_, owed] = await story.invoices()
    path = f"/v1/invoices/{owed['id']}/pay"
    await story.billing.pause()

    if by_hand_first:
        await story.billing.post(story.partner, path, {}, status=202)
    await story.until(soon_after(2026, 3, 1))
    if not by_hand_first:
        await story.billing.post(story.partner, path, {}, status=409)
    story.billing.go_on()
    await story.billing.run()

    assert await end_of(story) == End(taken=2 * 1299)
    assert len(await story.attempts()) == 3


@pytest.mark.parametrize("in_time", [True, False])
async def test_an_end_taken_back_before_the_boundary_lets_it_be_paid_whenever_that_is_heard(
    story: Story, *, in_time: bool
) -> None:
    await story.running(story.card("pm_ok"))
    await story.canceled(ends_at=BOUNDARY)

    if in_time:
        await story.uncanceled()
    await story.until(DUE)
    if not in_time:
        await story.uncanceled()

    assert await end_of(story) == End(taken=2 * 1299)
    assert (await story.invoices())[-1]["period_start"] == BOUNDARY


@pytest.mark.parametrize("in_time", [True, False])
async def test_a_hold_lifted_before_the_boundary_lets_it_be_paid_whenever_that_is_heard(
    story: Story, *, in_time: bool
) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(midnight(2026, 2, 10))
    await story.held("requested")
    lifted_at = BOUNDARY - timedelta(hours=3)

    if in_time:
        await story.until(lifted_at)
        await story.resumed()
        await story.until(DUE)
    else:
        await story.until(DUE)
        story.at = lifted_at
        await story.resumed()

    assert await end_of(story) == End(taken=2 * 1299)
    assert (await story.invoices())[-1]["period_start"] == BOUNDARY


async def lose_a_charge_and_hear(story: Story, word: Callable[[], Awaitable[None]]) -> None:
    """The call never reaches the gateway, and the word comes before anybody knows."""
    await story.running(story.card("pm_ok"))
    story.billing.gateway.rule("error", match={"method_ref": story.card("pm_ok")}, times=1)
    await cross(story, Heard.UNANSWERED, charge=lambda: story.until(DUE), word=word)


@pytest.mark.parametrize("act", ["held before", "held after", "ended", "terminated"])
async def test_a_charge_that_was_lost_on_its_way_is_not_sent_again_once_nothing_may_be_charged(
    story: Story, act: str
) -> None:
    words: dict[str, Callable[[], Awaitable[None]]] = {
        "held before": lambda: story.held("abuse", BOUNDARY - A_SECOND),
        "held after": lambda: story.held("abuse", BOUNDARY + A_SECOND),
        "ended": lambda: story.canceled(ends_at=BOUNDARY),
        "terminated": story.terminated,
    }

    await lose_a_charge_and_hear(story, words[act])

    [_, lost] = await story.attempts()
    assert (lost["state"], lost["calls"]) == ("called_off", 1)
    assert await story.refunds() == []
    assert await end_of(story) == End(taken=1299, owed=1 if act == "held after" else 0)


async def test_a_charge_that_was_lost_before_a_hold_is_made_once_the_hold_is_lifted(
    story: Story,
) -> None:
    await lose_a_charge_and_hear(story, lambda: story.held("abuse", BOUNDARY + A_SECOND))

    await story.until(A_WEEK_LATER)
    await story.resumed()

    assert await end_of(story) == End(taken=2 * 1299)
    assert [each["state"] for each in await story.attempts()] == [
        "succeeded",
        "called_off",
        "succeeded",
    ]


async def cut_for_non_payment(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))
    await story.until(DUE)
    await story.until(A_WEEK_LATER)
    await story.held("non_payment")


async def bring(story: Story) -> None:
    """Another card, which is tried at once."""
    path = f"/v1/subscriptions/{story.id}/payment_method"
    await story.billing.post(story.partner, path, {"method_ref": story.card("pm_ok")})
