"""What the gateway tells by webhook: a hint, whenever and however often it comes."""

import orjson

from services.billing.api.webhooks import signature
from shared.clock import system_now
from tests.integration.billing.story import Story, soon_after
from tests.integration.billing.world import SECRET, Billing, eventually

PAID = ["invoice.issued", "payment.succeeded", "invoice.paid", "period.opened"]


async def told(
    billing: Billing, key: str | None, *, event: str = "gwe_1", status: int = 200, **faults: str
) -> None:
    """The gateway calls: the payload claims success and is not to be trusted."""
    data = {"key": key, "reference": "ch_claimed", "status": "succeeded", "amount": 1}
    body = orjson.dumps({"id": event, "type": "charge.succeeded", "data": data})
    stamp = faults.get("stamp", str(int(system_now().timestamp())))
    signed = faults.get("signature") or signature(SECRET, event, stamp, body)
    answer = await billing.http.post(
        "/v1/webhooks/gateway",
        content=body,
        headers={
            b"webhook-id": event.encode(),
            b"webhook-timestamp": stamp.encode(),
            b"webhook-signature": signed.encode(),
            b"content-type": b"application/json",
        },
    )
    assert answer.status_code == status, answer.text


async def told_and_known_without_asking(story: Story, key: str) -> None:
    """The gateway would fail whoever asks it."""
    story.billing.gateway.rule("error", match={"operation": "find"})

    await told(story.billing, key)
    await story.billing.run()

    stored = await story.billing.rows("select state, detail, looks from webhooks")
    assert [tuple(row.values()) for row in stored] == [("handled", "known before", 0)]
    assert await story.types() == PAID


async def test_a_webhook_before_the_answer_settles_the_charge_once(story: Story) -> None:
    await story.is_created(method_ref=story.card("pm_slow_0.8"))
    await story.sent()
    [attempt] = await story.attempts()

    await told(story.billing, attempt["key"])
    await eventually(story.is_paid, "the webhook has settled the charge")
    await story.billing.run()

    assert await story.types() == PAID
    assert story.taken() == 1299


async def test_a_webhook_while_its_charge_is_under_way_waits_for_the_answer(story: Story) -> None:
    await story.is_created(method_ref=story.card("pm_slow_0.2"))
    await story.sent()
    [attempt] = await story.attempts()

    await told_and_known_without_asking(story, attempt["key"])
    assert story.taken() == 1299


async def test_a_webhook_that_comes_twice_and_late_changes_nothing(story: Story) -> None:
    await story.created(method_ref=story.card("pm_ok"))
    [attempt] = await story.attempts()

    await told(story.billing, attempt["key"])
    await told(story.billing, attempt["key"])
    await told(story.billing, attempt["key"], event="gwe_2")
    await story.billing.run()

    assert await story.types() == PAID
    stored = await story.billing.rows("select id, state from webhooks order by id")
    assert [(row["id"], row["state"]) for row in stored] == [
        ("gwe_1", "handled"),
        ("gwe_2", "handled"),
    ]


async def test_what_the_answer_has_said_before_is_not_asked_again(story: Story) -> None:
    await story.created(method_ref=story.card("pm_ok"))
    [attempt] = await story.attempts()
    await story.billing.run()

    await told_and_known_without_asking(story, attempt["key"])


async def test_a_webhook_that_claims_what_the_gateway_denies_moves_no_money(story: Story) -> None:
    await story.created(method_ref=story.card("pm_hard"))
    [attempt] = await story.attempts()

    await told(story.billing, attempt["key"])
    await story.billing.run()

    [attempt] = await story.attempts()
    assert attempt["state"] == "failed"
    assert await story.billing.balances() == {"receivable": 1299, "revenue": -1299}


async def test_a_success_that_the_gateway_shows_after_it_was_given_up_is_taken_in(
    story: Story,
) -> None:
    """A failure was assumed; the truth comes late and settles what is owed."""
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_lost"))
    rule = {"operation": "charge", "method_ref": story.card("pm_lost")}
    story.billing.gateway.rule("error", match=rule, times=3)
    await story.until(soon_after(2026, 2, 28))
    failed = (await story.attempts())[-1]
    assert (failed["state"], failed["code"]) == ("failed", "gateway_unreachable")
    order = {
        "key": failed["key"],
        "amount": 1299,
        "currency": "EUR",
        "method_ref": story.card("pm_lost"),
    }
    story.billing.gateway.post("/v1/charges", order)

    await told(story.billing, failed["key"])
    await story.billing.run()

    assert (await story.attempts())[-1]["state"] == "succeeded"
    assert (await story.standing())["standing"] == "current"
    assert story.taken() == 2 * 1299


async def test_a_webhook_about_what_is_not_ours_is_kept_and_means_nothing(story: Story) -> None:
    await told(story.billing, None, event="gwe_a")
    await told(story.billing, "somebody-elses", event="gwe_b")
    await story.billing.run()

    stored = await story.billing.rows("select detail from webhooks")
    assert [row["detail"] for row in stored] == ["not ours", "not ours"]


async def test_a_webhook_without_a_true_and_recent_signature_is_refused(story: Story) -> None:
    await told(story.billing, "k", status=401, signature="v1,bm9uZQ==")
    await told(story.billing, "k", status=401, signature="v1,ä")
    await told(story.billing, "k", status=401, stamp="1700000000")
    await told(story.billing, "k", status=401, stamp="soon")

    assert await story.billing.rows("select * from webhooks") == []
