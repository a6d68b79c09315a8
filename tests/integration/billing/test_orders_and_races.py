"""What crosses an order: no money is kept for one that is not wanted any more."""

from shared.contracts.subscriptions import SubscriptionTerminated
from tests.integration.billing.ordering import an_ended, an_order, cancels, orders
from tests.integration.billing.story import Story


async def test_a_cancellation_that_overtakes_its_order_leaves_it_untouched(story: Story) -> None:
    await an_ended(story)
    placed = an_order(story)

    await cancels(story, placed.order.id)
    await story.billing.hear(story.at, placed)
    await story.billing.run()

    assert story.taken() == 1299
    assert len(await story.invoices()) == 1


async def test_money_on_its_way_for_an_order_that_is_canceled_goes_back(story: Story) -> None:
    await an_ended(story, "pm_slow_0.7")
    placed = an_order(story)
    await story.billing.hear(story.at, placed)
    await story.sent()

    await cancels(story, placed.order.id)

    assert (await story.types())[-5:] == [
        "invoice.issued",
        "invoice.voided",
        "credit_note.issued",
        "payment.succeeded",
        "payment.refunded",
    ]
    assert story.taken() == 1299
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_a_cancellation_that_crosses_the_answer_takes_the_charge_back(story: Story) -> None:
    await an_ended(story)
    order_id = await orders(story)
    assert story.taken() == 2 * 1299

    await cancels(story, order_id)
    await cancels(story, order_id)

    assert (await story.types())[-3:] == [
        "order.cleared",
        "credit_note.issued",
        "payment.refunded",
    ]
    [refund] = await story.refunds()
    assert refund["key"].startswith(f"reversal/{story.id}/{story.item_id}/1/base/")
    assert story.taken() == 1299
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_a_number_that_was_opened_for_a_canceled_order_is_not_opened_again(
    story: Story,
) -> None:
    await an_ended(story)
    await cancels(story, await orders(story))

    await orders(story)

    opened = [each for each in await story.said() if each["type"] == "period.opened"]
    assert [each["period"]["no"] for each in opened] == [0, 1, 2]
    assert story.taken() == 2 * 1299


async def test_a_termination_that_crosses_the_charge_leaves_no_debt(story: Story) -> None:
    await an_ended(story, "pm_slow_0.7")
    placed = an_order(story)
    await story.billing.hear(story.at, placed)
    await story.sent()

    story.status = "terminated"
    await story.tells(SubscriptionTerminated)
    await cancels(story, placed.order.id)

    assert story.taken() == 1299
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}
