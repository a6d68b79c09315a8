"""What crosses a charge: holds, ends and extensions, in both orders with one end."""

from datetime import timedelta

import pytest

from shared.contracts.subscriptions import HoldKind
from tests.integration.billing.story import Story, midnight, soon_after

A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("kind", ["abuse", "requested", "fraud_review"])
async def test_while_held_nothing_is_charged_and_the_billing_day_stays(
    story: Story, kind: HoldKind
) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(midnight(2026, 2, 10))
    await story.held(kind)

    await story.until(soon_after(2026, 3, 31))
    assert story.taken() == 1299

    await story.until(midnight(2026, 4, 12))
    await story.resumed()
    assert story.taken() == 1299
    await story.until(soon_after(2026, 4, 30))
    await story.renewed()

    assert story.taken() == 2 * 1299
    last = (await story.invoices())[-1]
    assert (last["period_no"], last["period_start"]) == (1, midnight(2026, 4, 30))


async def test_a_charge_that_crossed_a_hold_is_taken_back(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(soon_after(2026, 2, 28))
    assert story.taken() == 2 * 1299

    await story.held("abuse", midnight(2026, 2, 28) - A_SECOND)

    [refund] = await story.refunds()
    identity = f"{story.id}/{story.item_id}/1/base"
    assert refund["key"].startswith(f"reversal/{identity}/")
    assert (await story.types())[-2:] == ["credit_note.issued", "payment.refunded"]
    assert story.taken() == 1299
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_a_hold_within_the_period_takes_nothing_back(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(soon_after(2026, 2, 28))

    await story.held("abuse")

    assert await story.refunds() == []
    assert story.taken() == 2 * 1299


async def test_an_end_that_is_ordered_in_time_is_not_billed_beyond(story: Story) -> None:
    await story.running(story.card("pm_ok"))

    await story.canceled(ends_at=midnight(2026, 2, 28))
    await story.until(soon_after(2026, 4, 1))

    assert story.taken() == 1299


async def test_a_charge_that_crossed_the_end_is_taken_back(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(soon_after(2026, 2, 28))

    await story.canceled(ends_at=midnight(2026, 2, 28))

    assert story.taken() == 1299
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_cancelling_while_past_due_voids_what_is_owed(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 3, 1))

    await story.canceled(ends_at=story.at)
    await story.until(soon_after(2026, 3, 10))

    assert (await story.types())[-2:] == ["invoice.voided", "credit_note.issued"]
    assert (await story.standing())["standing"] == "current"
    assert len(await story.attempts()) == 3
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_money_on_its_way_at_the_cancellation_goes_back(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_slow_0.7"))
    await story.passes_unanswered(soon_after(2026, 2, 28))

    await story.canceled(ends_at=story.at)

    assert (await story.types())[-5:] == [
        "invoice.issued",
        "invoice.voided",
        "credit_note.issued",
        "payment.succeeded",
        "payment.refunded",
    ]
    assert story.taken() == 1299


async def test_an_extension_as_a_gift_voids_what_is_owed_and_covers_its_period(
    story: Story,
) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 3, 1))

    await story.extended(2)

    assert (await story.types())[-2:] == ["invoice.voided", "credit_note.issued"]
    await story.brings(story.card("pm_ok"))
    await story.until(soon_after(2026, 4, 29))
    assert story.taken() == 1299
    await story.until(soon_after(2026, 4, 30))
    last = (await story.invoices())[-1]
    assert (last["period_no"], last["status"]) == (3, "paid")


async def test_an_extension_paid_elsewhere_settles_what_is_owed(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 3, 1))

    await story.extended(2, paid_minor=2598)
    await story.renewed()

    paid, opened = (await story.said())[-2:]
    assert (paid["type"], paid["settled_by"]) == ("invoice.paid", "manual")
    assert (opened["by"], opened["period"]["no"]) == ("manual", 1)
    await story.brings(story.card("pm_ok"))
    await story.until(soon_after(2026, 4, 30))
    last = (await story.invoices())[-1]
    assert (last["period_no"], last["period_start"]) == (3, midnight(2026, 4, 30))
    assert (await story.billing.balances())["external_clearing"] == 2598


async def test_a_payment_under_way_while_the_period_is_given_away_goes_back(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_slow_0.7"))
    await story.passes_unanswered(soon_after(2026, 2, 28))

    await story.extended(1)

    assert (await story.types())[-2:] == ["payment.succeeded", "payment.refunded"]
    assert story.taken() == 1299


async def test_an_extension_brings_back_what_was_cut_for_non_payment(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))
    await story.until(soon_after(2026, 2, 28))
    await story.until(soon_after(2026, 3, 7))
    await story.held("non_payment")
    await story.until(midnight(2026, 3, 20) + timedelta(hours=9))

    await story.extended(1, paid_minor=1299)

    opened = (await story.said())[-1]
    assert (opened["by"], opened["standing"]["status"]) == ("manual", "current")
    assert opened["period"]["end"] == "2026-04-19T22:00:00Z"
    await story.brings(story.card("pm_ok"))
    await story.renewed()
    await story.resumed()
    await story.until(soon_after(2026, 4, 20))
    assert story.taken() == 2 * 1299


async def test_a_termination_writes_off_what_is_owed(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))
    await story.until(soon_after(2026, 2, 28))
    await story.until(soon_after(2026, 3, 7))
    await story.held("non_payment")

    await story.until(soon_after(2026, 4, 6))
    await story.terminated()

    voided = (await story.said())[-1]
    assert (voided["type"], voided["invoice"]["status"]) == ("invoice.voided", "uncollectible")
    assert await story.billing.balances() == {
        "bad_debt": 1299,
        "gateway_clearing": 1299,
        "revenue": -2598,
    }


async def test_in_grace_the_next_period_is_invoiced_and_waits_for_the_oldest(
    story: Story,
) -> None:
    story.interval = story.daily()
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    for day in (1, 2, 3, 4):
        await story.until(soon_after(2026, 2, day))

    invoices = await story.invoices()
    assert [each["status"] for each in invoices] == ["paid", "open", "open", "open", "open"]
    assert [each["attempts"] for each in invoices] == [1, 3, 0, 0, 0]

    await story.brings(story.card("pm_ok"))

    assert {each["status"] for each in await story.invoices()} == {"paid"}
    assert story.taken() == 5 * 1299


async def test_a_suspension_voids_the_younger_invoices(story: Story) -> None:
    story.interval = story.daily()
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))

    for day in range(1, 11):
        await story.until(soon_after(2026, 2, day))

    invoices = await story.invoices()
    assert [each["status"] for each in invoices] == ["paid", "open", *["void"] * 6]
    assert (await story.standing())["standing"] == "exhausted"
