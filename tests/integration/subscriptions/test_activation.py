"""From an accepted checkout to a running account."""

from datetime import timedelta

import httpx2
from prometheus_client import REGISTRY

from services.subscriptions.use_cases.ports import ACCOUNTS
from shared.contracts.event import CheckoutPayment
from shared.operations import Operations
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import FEBRUARY_28, HOSTING, JANUARY_31, Subscriptions


async def test_an_accepted_checkout_becomes_a_subscription_that_waits_for_its_first_period(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()

    [created] = await subscriptions.told(made)
    assert (created["topic"], created["version"], created["key"]) == (
        "subscription.created",
        1,
        made,
    )
    body = created["body"]
    assert body["subscription"]["status"] == "created"
    assert [each["unit_price_minor"] for each in body["subscription"]["items"]] == [1000, 250]
    assert body["payment"]["method_ref"] == "pm_ok_1"
    assert created["headers"]["ce_correlationid"] == "story-1"
    assert created["headers"]["ce_actor"] == body["change"]["actor"] == "upstream:shop"
    assert await subscriptions.timers(made) == {
        "activation_expires": JANUARY_31 + timedelta(hours=23)
    }


async def test_paid_it_is_opened_at_the_panel_and_its_credentials_are_sealed(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()

    activated = (await subscriptions.told(made))[-1]
    assert (activated["topic"], activated["version"]) == ("subscription.activated", 2)
    state = activated["body"]["subscription"]
    assert (state["status"], state["anchor_on"]) == ("active", "2027-01-31")
    assert state["next_boundary_at"] == "2027-02-27T23:00:00Z"
    credentials = subscriptions.opened(activated["body"]["credentials"])
    assert credentials["password"] not in activated["payload"].decode()
    name, password = credentials["username"], credentials["password"]
    assert subscriptions.panel.signs_in(name, password) == httpx2.codes.OK
    assert credentials["url"].startswith("http")
    assert await subscriptions.timers(made) == {}


async def test_the_account_lasts_nine_days_longer_than_what_is_paid(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()

    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["expires_at"] == "2027-03-08T23:00:00Z"
    assert account["plan"] == "hosting"
    assert {each["product"] for each in account["config"].values()} == {"space", "domain"}


async def test_without_a_sealing_key_it_waits_and_opens_no_second_account(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.rows("delete from sealing_keys returning 1")
    made = await subscriptions.paid()
    async with subscriptions.telling():
        await subscriptions.until(lambda: subscriptions.any_row("accounts", "attempts > 0"))
    assert await subscriptions.topics(made) == ["subscription.created"]

    await subscriptions.know_a_sealing_key()
    await subscriptions.tell_the_panel()

    assert await subscriptions.topics(made) == ["subscription.created", "subscription.activated"]
    assert {operation for operation, _ in subscriptions.panel.calls(made)} == {"create"}


async def test_a_panel_that_fails_at_first_is_asked_again(subscriptions: Subscriptions) -> None:
    await subscriptions.sell(HOSTING, code="panel_fail_2_tv")

    made = await subscriptions.activated(offer="panel_fail_2_tv")

    assert subscriptions.panel.calls(made) == [
        ("create", "failed"),
        ("create", "failed"),
        ("create", "done"),
    ]
    assert (await subscriptions.topics(made))[-1] == "subscription.activated"


async def test_an_answer_that_is_lost_opens_no_second_account(subscriptions: Subscriptions) -> None:
    await subscriptions.sell(HOSTING, code="panel_timeout_after_tv")

    made = await subscriptions.activated(offer="panel_timeout_after_tv")

    assert subscriptions.panel.calls(made)[0] == ("create", "unheard")
    assert (await subscriptions.topics(made)).count("subscription.activated") == 1


async def test_a_wish_that_comes_while_another_is_told_is_told_next(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/holds/abuse"
    await subscriptions.send("PUT", path, {"reason": "sends spam"})
    transactions = subscriptions.service.transactions
    sleeper = transactions.wake.sleeper(ACCOUNTS)

    async def lift() -> None:
        await subscriptions.send("DELETE", path)
        sleeper.clear()

    await subscriptions.tell_the_panel_but(lift)

    assert sleeper._woken.is_set()  # noqa: SLF001  to wait for it would also notice a poll
    await subscriptions.tell_the_panel()
    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["status"] == "enabled"


async def test_a_panel_away_for_a_day_ends_the_order_with_its_last_answer(
    subscriptions: Subscriptions,
) -> None:
    subscriptions.panel.rule(match={}, do="error")
    made = await subscriptions.paid()
    async with subscriptions.telling():
        await subscriptions.until(lambda: subscriptions.any_row("accounts", "attempts > 0"))
    assert await subscriptions.timers(made) == {
        "provisioning_expires": JANUARY_31 + timedelta(hours=24)
    }

    await subscriptions.move_to(JANUARY_31 + timedelta(hours=24))

    created, failed, canceled = await subscriptions.told(made)
    assert created["topic"] == "subscription.created"
    assert failed["topic"] == "provisioning.failed"
    assert failed["body"]["change"]["reason"].startswith("500")
    assert canceled["topic"] == "subscription.canceled"
    assert canceled["body"]["change"]["reason"] == "provisioning_failed"
    assert canceled["body"]["subscription"]["status"] == "canceled"
    subscriptions.panel.obey_no_rules()
    await subscriptions.tell_the_panel()
    assert subscriptions.panel.account(made) is None


async def test_a_call_that_the_panel_always_refuses_is_named_until_it_gets_through(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    assert await stuck(subscriptions) == ([], 0)
    subscriptions.panel.rule(match={}, do="error")
    path = f"/v1/subscriptions/{made}/holds/abuse"
    await subscriptions.send("PUT", path, {"reason": "sends spam"})
    await subscriptions.rows("update accounts set attempts = 4, next_at = now()")
    async with subscriptions.telling():
        await subscriptions.until(lambda: subscriptions.any_row("accounts", "attempts > 4"))

    [item], count = await stuck(subscriptions)

    assert item.startswith(f"panel account of {made} as disabled, 5 tries: 500")
    assert count == 1
    subscriptions.panel.obey_no_rules()
    await subscriptions.rows("update accounts set next_at = now()")
    await subscriptions.tell_the_panel()
    assert await stuck(subscriptions) == ([], 0)


async def stuck(subscriptions: Subscriptions) -> tuple[list[str], float]:
    """As /status and /metrics say it."""
    service = subscriptions.service
    operations = Operations(
        service.name,
        service.transactions,
        service.open_effects,
        stuck_effects=service.stuck_effects,
    )
    status = await operations.status()
    return status["stuck_effects"], REGISTRY.get_sample_value("perennial_effects_stuck") or 0


async def test_an_account_opened_too_late_is_deleted_and_activates_nothing(
    subscriptions: Subscriptions,
) -> None:
    """The panel has opened it, but its answer comes after the cancellation."""
    made = await subscriptions.paid()
    await subscriptions.tell_the_panel_but(
        before_settling=lambda: subscriptions.send(
            "POST", f"/v1/subscriptions/{made}/cancel", {"reason": "never mind"}
        )
    )
    await subscriptions.tell_the_panel()

    assert await subscriptions.topics(made) == ["subscription.created", "subscription.canceled"]
    assert subscriptions.panel.account(made) is None


async def test_what_nobody_pays_for_is_canceled_after_23_hours(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()

    await subscriptions.move_to(JANUARY_31 + timedelta(hours=22, minutes=59))
    assert await subscriptions.topics(made) == ["subscription.created"]
    await subscriptions.move_to(JANUARY_31 + timedelta(hours=23))

    canceled = (await subscriptions.told(made))[-1]
    assert canceled["topic"] == "subscription.canceled"
    assert canceled["body"]["change"] == {
        "kind": "canceled",
        "reason": "payment_not_received",
        "actor": "timer:activation_expires",
        "at": "2027-02-01T10:00:00Z",
    }
    assert subscriptions.panel.calls(made) == []


async def test_a_soft_decline_of_the_first_charge_leaves_time_for_another_method(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()

    await subscriptions.hear(events.payment_failed(made, 1, JANUARY_31, status="current"))
    await subscriptions.hear(events.opened(made, 0, 2, JANUARY_31, FEBRUARY_28))
    await subscriptions.tell_the_panel()

    assert await subscriptions.topics(made) == ["subscription.created", "subscription.activated"]


async def test_money_that_was_never_captured_ends_the_order_at_once(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()
    word = events.payment_failed(
        made, 1, JANUARY_31, status="current", code="not_captured", final=True
    )

    await subscriptions.hear(word)

    canceled = (await subscriptions.told(made))[-1]
    assert canceled["topic"] == "subscription.canceled"
    assert canceled["body"]["change"]["reason"] == "not_captured"
    assert await subscriptions.timers(made) == {}


async def test_a_trial_is_opened_without_money_and_says_so(subscriptions: Subscriptions) -> None:
    await subscriptions.sell(HOSTING, code="trial", trial_days=14)
    made = await subscriptions.created(offer="trial", payment=CheckoutPayment(status="none"))

    await subscriptions.hear(events.opened(made, 0, 1, JANUARY_31, FEBRUARY_28, by="trial"))
    await subscriptions.tell_the_panel()

    state = (await subscriptions.told(made))[-1]["body"]["subscription"]
    assert state["status"] == "trialing"
    assert state["anchor_on"] == "2027-02-14"
    assert state["next_boundary_at"] == "2027-02-13T23:00:00Z"
