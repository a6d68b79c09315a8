"""What happens to a subscription as time goes by: renewal, failure, suspension, return, end."""

from datetime import UTC, datetime, timedelta

from tests.system.provider import Provider

FIRST_RENEWAL = datetime(2027, 2, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_it_renews_on_the_last_of_february_and_again_on_the_thirtieth_of_march(
    provider: Provider,
) -> None:
    checkout = await provider.captured()
    await provider.publish(checkout)
    state = await provider.activated(checkout)

    await provider.move_to(datetime(2027, 4, 1, tzinfo=UTC))

    opened = [each.body["period"] for each in provider.of(state["id"], "period.opened")]
    assert [(each["no"], each["start"][:10]) for each in opened] == [
        (0, "2027-01-30"),
        (1, "2027-02-27"),
        (2, "2027-03-29"),
    ]
    templates = [
        each["headers"]["X-Perennial-Template"]
        for each in provider.mails(checkout["customer"]["email"])
    ]
    assert templates.count("renewal_reminder") == 2


async def test_it_is_suspended_after_three_retries_and_grace_and_comes_back_with_one_payment(
    provider: Provider,
) -> None:
    checkout = await provider.captured(method="pm_decline_for_ever")
    await provider.publish(checkout)
    state = await provider.activated(checkout)
    await provider.move_to(FIRST_RENEWAL + 9 * DAY)

    suspended = provider.subscription(state["id"])
    failed = provider.of(state["id"], "payment.failed")

    assert suspended["status"] == "suspended"
    assert [each.body["payment"]["attempt"] for each in failed] == [1, 2, 3, 4]
    assert [each.body["final"] for each in failed] == [False, False, False, True]
    assert len(provider.of(state["id"], "subscription.suspended")) == 1

    body = {"gateway": "cards", "method_ref": "pm_ok_another_card"}
    provider.api.post("billing", f"/v1/subscriptions/{state['id']}/payment_method", body)
    await provider.fact("subscription.resumed", lambda b: b["subscription"]["id"] == state["id"])
    await provider.settle()

    resumed = provider.subscription(state["id"])
    assert resumed["status"] == "active"
    charged = [e for e in provider.moved_money() if e["method_ref"] == "pm_ok_another_card"]
    assert [(each["kind"], each["amount"]) for each in charged] == [("capture", 1299)]


async def test_what_is_never_paid_is_terminated_thirty_days_after_its_suspension(
    provider: Provider,
) -> None:
    checkout = await provider.captured(method="pm_decline_never")
    await provider.publish(checkout)
    state = await provider.activated(checkout)

    await provider.move_to(FIRST_RENEWAL + 45 * DAY)

    assert provider.subscription(state["id"])["status"] == "terminated"
    [invoice] = [
        each
        for each in provider.api.every("billing", f"/v1/invoices?subscription_id={state['id']}")
        if each["status"] != "paid"
    ]
    assert invoice["status"] == "uncollectible"


async def test_a_cancelled_one_runs_to_its_end_and_is_not_charged_again(
    provider: Provider,
) -> None:
    checkout = await provider.captured()
    await provider.publish(checkout)
    state = await provider.activated(checkout)
    await provider.move_to(datetime(2027, 2, 5, 9, tzinfo=UTC))
    body = {"at": "period_end", "reason": "moving abroad"}
    provider.api.post("subscriptions", f"/v1/subscriptions/{state['id']}/cancel", body)

    await provider.move_to(FIRST_RENEWAL - 2 * DAY)
    assert provider.subscription(state["id"])["status"] == "active"
    await provider.move_to(FIRST_RENEWAL + 2 * DAY)

    ended = provider.subscription(state["id"])
    assert (ended["status"], [each["kind"] for each in ended["holds"]]) == ("suspended", ["ended"])
    method = checkout["payment"]["method_ref"]
    assert len([e for e in provider.moved_money() if e["method_ref"] == method]) == 1
    templates = [
        each["headers"]["X-Perennial-Template"]
        for each in provider.mails(checkout["customer"]["email"])
    ]
    assert "cancellation" in templates
    assert "win_back" in templates
