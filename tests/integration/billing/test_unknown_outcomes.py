"""Charges whose answer was lost: asked about until known, and never taken twice."""

from datetime import timedelta

import pytest

from tests.integration.billing.story import Story, midnight, soon_after
from tests.integration.billing.world import running


@pytest.mark.parametrize(
    "method",
    [
        "pm_500_before",
        "pm_500_after",
        "pm_timeout_before",
        "pm_timeout_after",
        "pm_late",
        "pm_slow_1.5",
    ],
)
async def test_a_charge_of_unknown_outcome_is_taken_exactly_once(story: Story, method: str) -> None:
    await story.created(method_ref=story.card(method))

    [attempt] = await story.attempts()
    assert attempt["state"] == "succeeded"
    assert await story.types() == [
        "invoice.issued",
        "payment.succeeded",
        "invoice.paid",
        "period.opened",
    ]
    assert story.taken() == 1299


async def test_a_gateway_that_is_away_is_asked_until_it_is_back(story: Story) -> None:
    story.billing.gateway.rule("error", match={"method_ref": story.card("pm_ok")}, times=2)
    story.billing.gateway.rule("error", match={"operation": "find"}, times=2)

    await story.created(method_ref=story.card("pm_ok"))

    [attempt] = await story.attempts()
    assert (attempt["state"], attempt["calls"]) == ("succeeded", 3)
    assert story.taken() == 1299


async def test_a_charge_that_never_arrives_has_failed_after_its_last_call(story: Story) -> None:
    story.billing.gateway.rule("error", match={"method_ref": story.card("pm_ok")})

    await story.created(method_ref=story.card("pm_ok"))

    [attempt] = await story.attempts()
    assert (attempt["state"], attempt["calls"]) == ("failed", 3)
    assert (await story.said())[-1]["code"] == "gateway_unreachable"
    assert story.taken() == 0


async def test_a_charge_whose_caller_died_is_found_by_its_key(story: Story) -> None:
    await story.billing.pause()
    await story.is_created(method_ref=story.card("pm_ok"))
    [attempt] = await story.attempts()
    story.billing.gateway.post(
        "/v1/charges",
        {
            "key": attempt["key"],
            "amount": 1299,
            "currency": "EUR",
            "method_ref": story.card("pm_ok"),
        },
    )
    await story.billing.rows(
        """
        update payment_attempts set state = 'sent', calls = 1, sent_at = now(),
            lease_until = now(), lease_token = gen_random_uuid() where id = $1 returning id""",
        attempt["id"],
    )
    story.billing.go_on()
    await story.billing.run()

    [attempt] = await story.attempts()
    assert (attempt["state"], attempt["calls"]) == ("succeeded", 1)
    assert story.taken() == 1299


async def test_a_charge_whose_caller_died_before_the_call_is_made_again_under_its_key(
    story: Story,
) -> None:
    await story.billing.pause()
    await story.is_created(method_ref=story.card("pm_ok"))
    await story.billing.rows(
        """
        update payment_attempts set state = 'sent', calls = 1, sent_at = now(),
            lease_until = now(), lease_token = gen_random_uuid() returning id"""
    )
    story.billing.go_on()
    await story.billing.run()

    [attempt] = await story.attempts()
    assert (attempt["state"], attempt["calls"]) == ("succeeded", 2)
    assert story.taken() == 1299


async def test_what_nobody_can_find_out_is_left_to_a_person_and_blocks_further_attempts(
    story: Story,
) -> None:
    story.billing.gateway.rule("error_after", match={"method_ref": story.card("pm_ok")})
    story.billing.gateway.rule("error", match={"operation": "find"})
    async with running(
        story.billing.url, story.billing.gateway, look_after_seconds=(0.01,)
    ) as impatient:
        await story.billing.pause()
        story.billing = impatient
        await story.created(method_ref=story.card("pm_ok"))

        [attempt] = await story.attempts()
        assert attempt["state"] == "needs_review"
        refused = await story.billing.post(
            story.partner, f"/v1/invoices/{attempt['invoice_id']}/pay", {}, status=409
        )
        assert refused["code"] == "payment_under_way"


async def test_a_success_that_becomes_known_after_the_suspension_brings_service_back(
    story: Story,
) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    for day in (28, 29, 31, 33):
        await story.until(soon_after(2026, 2, 28) + timedelta(days=day - 28))
    story.billing.gateway.rule("error_after", match={"method_ref": story.card("pm_back")})
    story.billing.gateway.rule("error", match={"operation": "find"})
    await story.billing.post(
        story.partner,
        f"/v1/subscriptions/{story.id}/payment_method",
        {"method_ref": story.card("pm_back")},
    )
    await story.sent()

    story.at = soon_after(2026, 3, 7)
    await story.billing.steps_to(story.partner, story.at)
    assert (await story.standing())["standing"] == "exhausted"
    story.billing.gateway.http.delete("/control/rules")
    await story.billing.run()

    opened = (await story.said())[-1]
    assert (opened["type"], opened["standing"]["status"]) == ("period.opened", "current")
    assert opened["anchor_on"] == "2026-03-07"
    assert story.taken() == 2 * 1299


async def test_sixty_charges_that_share_calls_are_each_taken_once(story: Story) -> None:
    tricks = ("pm_ok", "pm_timeout_after", "pm_500_before", "pm_late", "pm_hard", "pm_slow_0.1")
    await story.billing.pause()
    stories = [story, *(story.another() for _ in range(59))]
    for n, each in enumerate(stories):
        await each.is_created(method_ref=each.card(tricks[n % len(tricks)]))
    story.billing.go_on()
    await story.billing.run()

    states = await story.billing.rows(
        "select state, count(*) as n from payment_attempts group by 1"
    )
    assert {row["state"]: row["n"] for row in states} == {"succeeded": 50, "failed": 10}
    assert [each.taken() for each in stories] == [0 if n % 6 == 4 else 1299 for n in range(60)]
    assert (await story.billing.balances())["gateway_clearing"] == 50 * 1299


async def test_the_boundary_is_billed_once_by_two_replicas(story: Story) -> None:
    stories = [story, *(story.another() for _ in range(19))]
    for each in stories:
        await each.running(each.card("pm_ok"))
    async with running(story.billing.url, story.billing.gateway) as second:
        await story.billing.steps_to(story.partner, midnight(2026, 2, 27))
        await story.billing.together(second, story.partner, soon_after(2026, 2, 28))

    assert [each.taken() for each in stories] == [2 * 1299] * 20
    audit = await story.billing.get(story.partner, "/v1/invoices/sequence-audit")
    assert [(each["last"], each["gaps"]) for each in audit["data"]] == [(40, [])]
