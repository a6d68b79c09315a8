"""From the first charge through renewals and a failed one back to being paid up."""

from datetime import timedelta

from tests.integration.billing.story import Story, midnight, soon_after

RENEWAL = ["invoice.issued", "payment.succeeded", "invoice.paid", "period.opened"]


async def test_a_charged_card_opens_the_first_period(story: Story) -> None:
    await story.created(method_ref=story.card("pm_ok"))

    assert await story.types() == RENEWAL
    [invoice] = await story.invoices()
    assert (invoice["number"], invoice["status"]) == ("INV-2026-000001", "paid")
    assert story.taken() == 1299


async def test_a_captured_payment_is_believed_when_the_gateway_shows_it(story: Story) -> None:
    reference = story.captured(1299)

    await story.created(status="captured", reference=reference, amount_minor=1299, currency="EUR")

    assert await story.types() == RENEWAL
    [attempt] = await story.attempts()
    assert (attempt["cause"], attempt["reference"]) == ("captured", reference)
    assert story.taken() == 1299


async def test_a_capture_of_another_amount_is_refused_for_good(story: Story) -> None:
    reference = story.captured(999)

    await story.created(status="captured", reference=reference, amount_minor=1299, currency="EUR")

    [failed] = await story.said()
    assert (failed["type"], failed["code"]) == ("payment.failed", "not_captured")
    assert failed["final"]
    assert await story.invoices() == []


async def test_a_capture_that_the_gateway_does_not_know_is_refused(story: Story) -> None:
    await story.created(status="captured", reference=f"ch_nowhere_{story.id}")

    [failed] = await story.said()
    assert (failed["code"], failed["final"]) == ("not_captured", True)


async def test_a_reference_that_paid_another_checkout_pays_nothing_more(story: Story) -> None:
    reference = story.captured(1299)
    await story.created(status="captured", reference=reference)
    second = story.another()

    await second.created(status="captured", reference=reference)

    [failed] = await second.said()
    assert (failed["code"], failed["final"]) == ("reference_taken", True)


async def test_a_charge_of_ours_cannot_be_passed_off_as_a_capture(story: Story) -> None:
    await story.created(method_ref=story.card("pm_ok"))
    [attempt] = await story.attempts()
    second = story.another()

    await second.created(status="captured", reference=attempt["reference"])

    [failed] = await second.said()
    assert failed["code"] == "reference_taken"


async def test_a_declined_first_charge_waits_for_another_method(story: Story) -> None:
    await story.created(method_ref=story.card("pm_hard"))

    assert await story.types() == ["invoice.issued", "payment.failed"]
    failed = (await story.said())[-1]
    assert (failed["final"], failed["next_attempt_at"]) == (False, None)
    assert failed["standing"]["status"] == "current"

    await story.brings(story.card("pm_ok"))

    assert (await story.types())[2:] == ["payment_method.changed", *RENEWAL[1:]]


async def test_without_a_method_the_customer_is_asked_for_one(story: Story) -> None:
    await story.created(status="none")

    [failed] = await story.said()
    assert (failed["code"], failed["final"]) == ("no_method", False)
    assert await story.invoices() == []

    await story.brings(story.card("pm_ok"))

    assert (await story.types())[1:] == ["payment_method.changed", *RENEWAL]


async def test_each_month_is_charged_at_its_boundary_after_a_reminder(story: Story) -> None:
    await story.running(story.card("pm_ok"))

    for month, day in ((2, 28), (3, 31), (4, 30)):
        await story.until(midnight(2026, month, day) - timedelta(hours=1))
        await story.until(soon_after(2026, month, day))
        await story.renewed()

    assert (await story.types())[4:] == ["invoice.upcoming", *RENEWAL] * 3
    starts = [each["period_start"] for each in (await story.invoices())[1:]]
    assert starts == [midnight(2026, 2, 28), midnight(2026, 3, 31), midnight(2026, 4, 30)]
    assert story.taken() == 4 * 1299


async def test_a_trial_opens_at_once_and_is_charged_at_its_end(story: Story) -> None:
    story.trial_days = 14
    await story.running(story.card("pm_ok"))

    [opened] = await story.said()
    assert (opened["type"], opened["by"]) == ("period.opened", "trial")

    await story.until(soon_after(2026, 2, 14))
    await story.renewed()
    await story.until(soon_after(2026, 3, 14))

    invoices = await story.invoices()
    assert [each["period_no"] for each in invoices] == [1, 2]
    assert [each["period_start"] for each in invoices] == [
        midnight(2026, 2, 14),
        midnight(2026, 3, 14),
    ]


async def test_what_costs_nothing_runs_without_an_invoice(story: Story) -> None:
    story.price_minor = 0
    await story.created(status="none")
    await story.activated()

    await story.until(soon_after(2026, 2, 28))

    assert await story.types() == ["period.opened", "period.opened"]
    assert {each["by"] for each in await story.said()} == {"free"}


async def test_a_soft_decline_is_retried_until_service_is_cut_and_a_payment_restarts_it(
    story: Story,
) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    said_before = len(await story.said())

    for day in (28, 1, 3, 5):
        await story.until(soon_after(2026, 2 if day == 28 else 3, day))
    told = (await story.said())[said_before + 1 :]
    assert [each["type"] for each in told] == ["invoice.issued", *["payment.failed"] * 4]
    assert [each["standing"]["status"] for each in told[1:]] == ["retrying"] * 3 + ["grace"]
    assert [each["final"] for each in told[1:]] == [False, False, False, True]
    assert [each["payment"]["attempt"] for each in told[1:]] == [1, 2, 3, 4]

    await story.until(soon_after(2026, 3, 7))
    last = (await story.said())[-1]
    assert (last["type"], last["standing"]["status"]) == ("dunning.exhausted", "exhausted")

    await story.held("non_payment")
    await story.until(midnight(2026, 3, 20) + timedelta(hours=15))
    await story.brings(story.card("pm_ok"))

    opened = (await story.said())[-1]
    assert (opened["type"], opened["anchor_on"]) == ("period.opened", "2026-03-20")
    assert opened["standing"]["status"] == "current"
    assert opened["period"]["end"] == "2026-04-19T22:00:00Z"
    await story.renewed()
    await story.resumed()
    await story.until(soon_after(2026, 4, 20))
    assert (await story.types())[-4:] == RENEWAL
    assert story.taken() == 3 * 1299


async def test_a_hard_decline_is_grace_at_once_and_is_not_tried_again(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))

    await story.until(soon_after(2026, 2, 28))
    await story.until(soon_after(2026, 3, 6))

    assert len(await story.attempts()) == 2
    assert (await story.standing())["standing"] == "grace"

    await story.brings(story.card("pm_ok"))

    opened = (await story.said())[-1]
    assert (opened["type"], opened["anchor_on"]) == ("period.opened", None)
    assert opened["period"]["start"] == "2026-02-27T23:00:00Z"


async def test_a_renewal_without_any_method_is_grace_at_once(story: Story) -> None:
    reference = story.captured(1299)
    await story.created(status="captured", reference=reference)
    await story.activated()

    await story.until(soon_after(2026, 2, 28))

    failed = (await story.said())[-1]
    assert (failed["code"], failed["standing"]["status"]) == ("no_method", "grace")
    assert failed["payment"]["attempt"] == 0


async def test_the_first_year_of_a_month_end_subscription_keeps_its_day(story: Story) -> None:
    await story.running(story.card("pm_ok"))

    for no in range(1, 13):
        await story.until(story.boundary(no) + timedelta(minutes=1))
        await story.renewed()

    starts = [story.local(each["period_start"]) for each in await story.invoices()]
    assert [each.day for each in starts][1:] == [
        28,
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
        31,
    ]
    assert story.taken() == 13 * 1299
