"""What must be paid first: one answer to an order, and one charge at most."""

from shared.contracts.subscriptions import Hold, SubscriptionSuspended
from tests.integration.billing.ordering import BACK, END, an_ended, an_order, comes_back, orders
from tests.integration.billing.story import Story, midnight, soon_after


async def test_an_order_is_paid_with_one_charge_and_its_period_begins_with_the_payment(
    story: Story,
) -> None:
    await an_ended(story)

    order_id = await orders(story)

    said = (await story.said())[-5:]
    assert [each["type"] for each in said] == [
        "invoice.issued",
        "payment.succeeded",
        "invoice.paid",
        "period.opened",
        "order.cleared",
    ]
    opened, cleared = said[-2:]
    assert (opened["order_id"], opened["by"], opened["anchor_on"]) == (
        order_id,
        "payment",
        "2026-03-10",
    )
    assert opened["period"] == {
        "no": 1,
        "start": "2026-03-10T08:00:00Z",
        "end": "2026-04-09T22:00:00Z",
    }
    assert (cleared["order_id"], cleared["invoice_id"]) == (order_id, opened["invoice_id"])
    assert story.taken() == 2 * 1299

    await comes_back(story)
    await story.until(soon_after(2026, 4, 9))
    assert story.taken() == 2 * 1299
    await story.until(soon_after(2026, 4, 10))
    last = (await story.invoices())[-1]
    assert (last["period_no"], last["period_start"]) == (2, midnight(2026, 4, 10))
    assert story.taken() == 3 * 1299


async def test_a_declined_order_leaves_everything_as_it_was(story: Story) -> None:
    await an_ended(story, "pm_decline")
    before = await story.standing()

    order_id = await orders(story)

    said = (await story.said())[-5:]
    assert [each["type"] for each in said] == [
        "invoice.issued",
        "payment.failed",
        "invoice.voided",
        "credit_note.issued",
        "order.declined",
    ]
    assert (said[1]["final"], said[1]["order_id"]) == (True, order_id)
    declined = said[-1]
    assert declined["order_id"] == order_id
    assert declined["code"] == said[1]["code"]
    assert declined["way_out"]
    kept = ("periods_opened", "anchor_on", "renews_at", "standing", "open_invoice_id")
    after = await story.standing()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert await story.billing.rows("select * from dunnings") == []
    assert await story.billing.balances() == {"gateway_clearing": 1299, "revenue": -1299}


async def test_an_order_whose_charge_was_lost_on_its_way_is_charged_though_the_end_is_a_hold(
    story: Story,
) -> None:
    await an_ended(story)
    story.billing.gateway.rule("error", match={"method_ref": story.card("pm_ok")}, times=1)

    await orders(story)

    assert [(each["state"], each["calls"]) for each in await story.attempts()] == [
        ("succeeded", 1),
        ("succeeded", 2),
    ]
    assert (await story.types())[-1] == "order.cleared"


async def test_after_a_declined_order_another_card_pays_the_next_one(story: Story) -> None:
    await an_ended(story, "pm_decline")
    await orders(story)
    await story.brings(story.card("pm_ok"))
    assert story.taken() == 1299

    await orders(story)

    assert (await story.types())[-1] == "order.cleared"
    assert story.taken() == 2 * 1299
    assert [each["status"] for each in await story.invoices()] == ["paid", "void", "paid"]
    assert [each["period_no"] for each in await story.invoices()] == [0, 1, 1]


async def test_without_a_payment_method_it_is_declined_and_nothing_is_invoiced(
    story: Story,
) -> None:
    reference = story.captured(1299)
    await story.created(status="captured", reference=reference, amount_minor=1299, currency="EUR")
    await story.activated()
    await story.canceled(ends_at=END)
    await story.until(soon_after(2026, 2, 28))
    await story.held("ended", END)

    await orders(story)

    declined = (await story.said())[-1]
    assert (declined["type"], declined["code"]) == ("order.declined", "no_method")
    assert len(await story.invoices()) == 1


async def test_gate_none_gives_the_period_and_charges_nothing(story: Story) -> None:
    await an_ended(story, "pm_decline")

    order_id = await orders(story, gate="none")

    opened, cleared = (await story.said())[-2:]
    assert (opened["by"], opened["order_id"], opened["period"]["no"]) == ("grant", order_id, 1)
    assert (cleared["type"], cleared["invoice_id"]) == ("order.cleared", None)
    assert story.taken() == 1299


async def test_a_free_subscription_comes_back_free(story: Story) -> None:
    story.price_minor = 0
    await an_ended(story)

    await orders(story)

    opened = (await story.said())[-2]
    assert (opened["by"], opened["period"]["no"]) == ("free", 1)


async def test_an_order_waits_for_the_words_that_it_follows(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.canceled(ends_at=END)
    await story.until(BACK)
    story.holds = [Hold(kind="ended", reason="term_ended", actor="t", placed_at=END)]
    suspended = story.event(SubscriptionSuspended, hold=story.holds[0])

    await orders(story)
    assert story.taken() == 1299
    assert "order.cleared" not in await story.types()

    await story.billing.hear(story.at, suspended)
    await story.billing.run()

    assert (await story.types())[-1] == "order.cleared"
    assert story.taken() == 2 * 1299


async def test_an_order_that_is_heard_again_is_answered_once(story: Story) -> None:
    await an_ended(story)
    placed = an_order(story)

    for _ in range(3):
        await story.billing.hear(story.at, placed)
        await story.billing.run()

    assert (await story.types()).count("order.cleared") == 1
    assert story.taken() == 2 * 1299


async def test_an_order_that_is_heard_after_its_expiry_is_not_charged(story: Story) -> None:
    await an_ended(story)

    await orders(story, expires_at=story.at)

    declined = (await story.said())[-1]
    assert (declined["type"], declined["code"]) == ("order.declined", "order_expired")
    assert story.taken() == 1299


async def test_an_order_at_another_price_than_is_billed_is_declined(story: Story) -> None:
    await an_ended(story)

    await orders(story, total_minor=999)

    assert (await story.said())[-1]["code"] == "price_changed"
    assert story.taken() == 1299


async def test_an_order_for_what_runs_again_is_declined(story: Story) -> None:
    await an_ended(story)
    await comes_back(story)

    await orders(story)

    assert (await story.said())[-1]["code"] == "subscription_moved_on"
    assert story.taken() == 1299


async def test_what_comes_back_within_its_paid_period_is_billed_at_its_old_boundary(
    story: Story,
) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(midnight(2026, 2, 10))
    await story.canceled(ends_at=story.at)
    await story.held("ended")

    await story.until(midnight(2026, 2, 20))
    story.ends_at = None
    await story.resumed()
    await story.until(soon_after(2026, 2, 28))

    last = (await story.invoices())[-1]
    assert (last["period_no"], last["period_start"]) == (1, midnight(2026, 2, 28))
    assert story.taken() == 2 * 1299


async def test_a_method_brought_while_an_order_waits_in_the_queue_is_the_one_charged(
    story: Story,
) -> None:
    await an_ended(story, "pm_decline")
    await story.billing.pause()
    placed = an_order(story)
    await story.billing.hear(story.at, placed)
    await story.billing.post(
        story.partner,
        f"/v1/subscriptions/{story.id}/payment_method",
        {"method_ref": story.card("pm_ok")},
    )

    story.billing.go_on()
    await story.billing.run()

    assert (await story.types())[-1] == "order.cleared"
    assert story.taken() == 2 * 1299
