"""An ended subscription comes back with one order, once billing has said both of its words."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import HOSTING, JANUARY_31, Subscriptions
from tests.integration.subscriptions.returning import (
    NOW,
    an_ended,
    cleared,
    code_of_refusal,
    declined,
    looked_at,
    opened,
    ordered,
)


async def test_it_is_ordered_paid_and_back_as_the_same_subscription(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    cut = subscriptions.panel.account(made)
    assert cut is not None

    order = await ordered(subscriptions, made)

    assert (order["status"], order["gate"], order["total_minor"]) == ("placed", "payment", 1250)
    assert order["expires_at"] == "2027-03-10T10:00:00Z"
    [placed] = await subscriptions.told(order["id"])
    assert (placed["topic"], placed["version"], placed["key"]) == ("order.placed", 1, made)
    body = placed["body"]
    assert [each["unit_price_minor"] for each in body["items"]] == [1000, 250]
    assert body["subscription_version"] == (await subscriptions.shown(made))["version"]
    assert (await subscriptions.shown(made))["status"] == "suspended"

    await subscriptions.hear(opened(made, order["id"], 5), cleared(made, order["id"], 6))
    await subscriptions.tell_the_panel()

    assert (await subscriptions.topics(made))[-2:] == [
        "subscription.resumed",
        "subscription.renewed",
    ]
    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.applied"]
    back = await subscriptions.shown(made)
    assert (back["status"], back["ends_at"], back["holds"]) == ("active", None, [])
    assert (back["period"]["no"], back["anchor_on"]) == (1, "2027-03-10")
    assert back["next_boundary_at"] == "2027-04-09T22:00:00Z"
    on_again = subscriptions.panel.account(made)
    assert on_again is not None
    assert (cut["status"], on_again["status"]) == ("disabled", "enabled")
    assert on_again["username"] == cut["username"]
    assert await subscriptions.timers(made) == {}
    assert await subscriptions.timers(order["id"]) == {}
    assert (await looked_at(subscriptions, order["id"]))["status"] == "applied"


@pytest.mark.parametrize("turn", [(0, 1), (1, 0), (0, 0, 1, 1, 0)], ids=str)
async def test_both_words_of_billing_bring_it_back_in_whichever_order_they_come(
    subscriptions: Subscriptions, turn: Sequence[int]
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)
    words = (opened(made, order["id"], 5), cleared(made, order["id"], 6))

    await subscriptions.hear(words[turn[0]])
    assert (await subscriptions.shown(made))["status"] == "suspended"
    for n in turn[1:]:
        await subscriptions.hear(words[n])

    assert (await subscriptions.shown(made))["status"] == "active"
    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.applied"]
    assert (await subscriptions.topics(made)).count("subscription.resumed") == 1


async def test_a_declined_order_changes_nothing_and_says_the_way_out(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    before = await subscriptions.shown(made)
    order = await ordered(subscriptions, made)

    await subscriptions.hear(declined(made, order["id"], 5))

    assert await subscriptions.shown(made) == before
    assert await subscriptions.timers(order["id"]) == {}
    refused = (await subscriptions.told(order["id"]))[-1]
    assert (refused["topic"], refused["version"]) == ("order.refused", 2)
    assert refused["body"]["refusal"]["code"] == "card_declined"
    shown = await looked_at(subscriptions, order["id"])
    assert (shown["status"], shown["refusal"]["code"]) == ("refused", "card_declined")
    again = await ordered(subscriptions, made)
    assert again["id"] != order["id"]


async def test_what_was_paid_and_still_runs_is_not_paid_twice(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", NOW)
    await subscriptions.move_to(JANUARY_31 + timedelta(days=7))
    assert (await subscriptions.shown(made))["status"] == "suspended"

    order = await ordered(subscriptions, made)

    assert (order["status"], order["total_minor"]) == ("applied", 0)
    assert await subscriptions.topics(order["id"]) == ["order.applied"]
    back = await subscriptions.shown(made)
    assert (back["status"], back["ends_at"]) == ("active", None)
    assert back["next_boundary_at"] == "2027-02-27T23:00:00Z"


async def test_what_is_not_ended_is_told_its_own_way_back(subscriptions: Subscriptions) -> None:
    running = await subscriptions.activated()
    path = f"/v1/subscriptions/{running}/reactivate"
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_not_ended"

    await subscriptions.hear(events.exhausted(running, 4, subscriptions.now))
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_owes"

    held = await an_ended(subscriptions)
    await subscriptions.send("PUT", f"/v1/subscriptions/{held}/holds/abuse", {"reason": "spam"})
    path = f"/v1/subscriptions/{held}/reactivate"
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_held"
    created = await subscriptions.created()
    path = f"/v1/subscriptions/{created}/reactivate"
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_not_activated"


async def test_gate_none_takes_a_reason_and_the_right_to_give_money_away(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    path = f"/v1/subscriptions/{made}/reactivate"
    at = subscriptions.now
    await subscriptions.hear(
        events.api_key("sk_of_a_clerk", at, events.SHOP, "subscriptions:write")
    )

    answer = await subscriptions.send("POST", path, {"gate": "none"})
    assert (answer.status_code, answer.json()["param"]) == (422, "reason")
    gift = {"gate": "none", "reason": "our mistake"}
    answer = await subscriptions.send("POST", path, gift, key="sk_of_a_clerk")
    assert answer.status_code == 403

    order = await ordered(subscriptions, made, **gift)
    await subscriptions.hear(
        cleared(made, order["id"], 6), opened(made, order["id"], 5, by="grant")
    )

    placed = (await subscriptions.told(order["id"]))[0]["body"]
    assert (placed["gate"], placed["change"]["reason"]) == ("none", "our mistake")
    back = await subscriptions.shown(made)
    assert (back["status"], back["periods_opened"]) == ("active", 2)


async def test_an_offer_that_ends_for_good_leaves_nothing_to_bring_back(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.sell(HOSTING, code="short", end_of_term="terminate")
    made = await subscriptions.activated(offer="short")
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", NOW)

    path = f"/v1/subscriptions/{made}/reactivate"
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_ended"
