"""A checkout that ends, or that owes nothing: what was paid goes back, once."""

from datetime import timedelta

import pytest

from tests.integration.billing.story import Story


async def test_a_subscription_heard_of_after_its_rejection_is_not_charged(story: Story) -> None:
    await story.rejected()

    await story.created(method_ref=story.card("pm_ok"))

    assert await story.types() == []
    assert story.taken() == 0


async def test_a_subscription_charged_before_the_rejection_gets_its_money_back(
    story: Story,
) -> None:
    await story.created(method_ref=story.card("pm_ok"))

    await story.rejected()

    [refund] = await story.refunds()
    assert (refund["state"], refund["amount_minor"]) == ("succeeded", 1299)
    assert (await story.types())[4:] == ["credit_note.issued", "payment.refunded"]
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_a_charge_under_way_at_the_rejection_goes_back_when_it_succeeds(
    story: Story,
) -> None:
    await story.is_created(method_ref=story.card("pm_slow_0.6"))
    await story.sent()

    await story.rejected()

    assert await story.types() == [
        "invoice.issued",
        "invoice.voided",
        "credit_note.issued",
        "payment.succeeded",
        "payment.refunded",
    ]
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_a_charge_not_yet_sent_at_the_rejection_is_never_sent(story: Story) -> None:
    await story.billing.pause()
    await story.is_created(method_ref=story.card("pm_ok"))
    await story.is_rejected()
    story.billing.go_on()
    await story.billing.run()

    [attempt] = await story.attempts()
    assert attempt["state"] == "called_off"
    assert story.taken() == 0


async def test_what_a_rejected_checkout_had_captured_goes_back(story: Story) -> None:
    reference = story.captured(1299)

    await story.rejected(status="captured", reference=reference)
    await story.rejected(status="captured", reference=reference)

    [refund] = await story.refunds()
    assert (refund["state"], refund["amount_minor"]) == ("succeeded", 1299)
    assert refund["key"] == f"refund/cards/{reference}"
    assert [each["type"] for each in await story.billing.published(story.checkout_id)] == [
        "payment.refunded"
    ]
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_a_capture_that_started_a_subscription_goes_back_once_when_it_ends_unprovisioned(
    story: Story,
) -> None:
    reference = story.captured(1299)
    payment = {"status": "captured", "reference": reference}
    await story.created(**payment)

    await story.canceled()
    await story.rejected(**payment)

    [refund] = await story.refunds()
    assert refund["state"] == "succeeded"
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_a_rejected_checkout_cannot_give_back_the_money_of_another(story: Story) -> None:
    reference = story.captured(1299)
    await story.created(status="captured", reference=reference)

    await story.another().rejected(status="captured", reference=reference)

    assert await story.billing.rows("select * from refunds") == []
    assert story.taken() == 1299


async def test_a_rejected_checkout_whose_reference_does_not_exist_gets_nothing(
    story: Story,
) -> None:
    await story.rejected(status="captured", reference=f"ch_nowhere_{story.id}")

    [refund] = await story.refunds()
    assert refund["state"] == "nothing_left"


@pytest.mark.parametrize(("trial_days", "price_minor"), [(14, 1299), (0, 0)])
async def test_what_was_captured_though_nothing_is_due_goes_back_and_the_first_period_runs(
    story: Story, trial_days: int, price_minor: int
) -> None:
    """The checkout says that it captured nothing; the gateway knows better."""
    story.trial_days, story.price_minor = trial_days, price_minor
    reference = story.captured(1299)

    await story.created(status="captured", reference=reference, amount_minor=0, currency="EUR")

    assert await story.types() == ["period.opened", "payment.refunded"]
    [refund] = await story.refunds()
    assert (refund["state"], refund["amount_minor"]) == ("succeeded", 1299)
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_what_was_captured_for_a_trial_goes_back_once_when_its_checkout_ends(
    story: Story,
) -> None:
    story.trial_days = 14
    payment = {"status": "captured", "reference": story.captured(1299), "amount_minor": 0}
    await story.created(**payment)

    await story.canceled()
    await story.rejected(**payment)

    [refund] = await story.refunds()
    assert refund["state"] == "succeeded"
    assert story.taken() == 0


async def test_a_trial_for_which_nothing_was_captured_has_nothing_to_give_back(
    story: Story,
) -> None:
    story.trial_days = 14

    await story.created(status="captured", reference=f"ch_nowhere_{story.id}", amount_minor=0)

    assert await story.types() == ["period.opened"]
    [refund] = await story.refunds()
    assert refund["state"] == "nothing_left"


async def test_a_trial_cannot_give_back_the_money_of_another_checkout(story: Story) -> None:
    reference = story.captured(1299)
    await story.created(status="captured", reference=reference)
    second = story.another()
    second.trial_days = 14

    await second.created(status="captured", reference=reference, amount_minor=0)

    assert await second.types() == ["period.opened"]
    assert await story.billing.rows("select * from refunds") == []
    assert story.taken() == 1299


async def test_a_refund_that_takes_days_is_told_twice(story: Story) -> None:
    await story.created(method_ref=story.card("pm_refund_pending"))
    await story.canceled()

    [refund] = await story.refunds()
    assert refund["state"] == "pending"
    assert story.taken() == 1299

    await story.until(story.at + timedelta(days=5, minutes=1))

    told = [each for each in await story.said() if each["type"] == "payment.refunded"]
    assert [each["refund"]["status"] for each in told] == ["pending", "succeeded"]
    assert [each["refund"]["version"] for each in told] == [1, 2]
    assert story.taken() == 0
    assert await story.billing.balances() == {}


async def test_a_refund_that_is_to_be_asked_about_is_an_open_effect_at_once(story: Story) -> None:
    await story.created(method_ref=story.card("pm_refund_pending"))
    await story.canceled()
    await story.billing.pause()

    await story.billing.steps_to(story.partner, story.at + timedelta(days=5, minutes=1))

    [item] = await story.billing.rows(story.billing.service.open_effects)
    assert item["item"].endswith("(pending)")
    story.billing.go_on()


async def test_a_refund_that_fails_is_told_and_stays_visible(story: Story) -> None:
    await story.created(method_ref=story.card("pm_refund_fail"))

    await story.canceled()

    [refund] = await story.refunds()
    assert refund["state"] == "failed"
    assert (await story.said())[-1]["refund"]["status"] == "failed"
    assert story.taken() == 1299
