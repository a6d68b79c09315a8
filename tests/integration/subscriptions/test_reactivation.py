"""An ended subscription comes back with one order: what billing answers, and what crosses it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import billing
from shared.contracts.event import Change
from shared.record import Record
from tests.integration.subscriptions import events
from tests.integration.subscriptions.at_work import (
    FEBRUARY_28,
    HOSTING,
    JANUARY_31,
    Subscriptions,
)

# Ten days after its end, at ten in the morning in Berlin.
BACK = datetime(2027, 3, 10, 9, tzinfo=UTC)
A_MONTH_LATER = datetime(2027, 4, 9, 22, tzinfo=UTC)
CANCEL = {"at": "period_end", "reason": "too many channels"}
NOW = {"at": "now", "reason": "moving abroad"}
AN_HOUR = timedelta(hours=1)


async def an_ended(subscriptions: Subscriptions, at: datetime = BACK) -> str:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    await subscriptions.move_to(FEBRUARY_28)
    await subscriptions.tell_the_panel()
    await subscriptions.move_to(at)
    return made


async def ordered(subscriptions: Subscriptions, made: str, **body: Any) -> dict[str, Any]:
    answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/reactivate", body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def looked_at(subscriptions: Subscriptions, order_id: str) -> dict[str, Any]:
    answer = await subscriptions.get(f"/v1/orders/{order_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def code_of_refusal(subscriptions: Subscriptions, path: str, body: Any) -> str:
    answer = await subscriptions.send("POST", path, body)
    assert answer.status_code == 409, answer.text
    assert answer.json()["way_out"]
    code: str = answer.json()["code"]
    return code


def cleared(made: str, order_id: str, version: int, at: datetime = BACK) -> Record:
    event = billing.OrderCleared(
        standing=_standing(made, version), order_id=order_id, change=_change(at)
    )
    return events.record(event, at)


def declined(made: str, order_id: str, version: int, at: datetime = BACK) -> Record:
    event = billing.OrderDeclined(
        standing=_standing(made, version),
        order_id=order_id,
        code="card_declined",
        message="the charge failed: card_declined",
        way_out="Bring another payment method, then order again.",
        change=_change(at),
    )
    return events.record(event, at)


def opened(made: str, order_id: str, version: int, no: int = 1, by: Any = "payment") -> Record:
    event = billing.PeriodOpened(
        standing=_standing(made, version),
        period=billing.Period(no=no, start=BACK, end=A_MONTH_LATER),
        by=by,
        anchor_on=date(2027, 3, 10),
        order_id=order_id,
        change=_change(BACK),
    )
    return events.record(event, BACK)


def _standing(made: str, version: int) -> billing.Standing:
    return billing.Standing(
        partner_id=events.SHOP, version=version, subscription_id=made, status="current"
    )


def _change(at: datetime) -> Change:
    return Change(kind="test", actor="upstream:shop", at=at)


async def test_it_is_ordered_paid_and_back_as_the_same_subscription(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    username = subscriptions.panel.account(made)["username"]

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
    assert subscriptions.panel.account(made)["status"] == "enabled"
    assert subscriptions.panel.account(made)["username"] == username
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


async def test_while_an_order_waits_others_are_refused_and_name_it(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)

    for path, body in (
        ("reactivate", {}),
        ("extend", {"intervals": 1, "note": "a gift"}),
        ("uncancel", None),
    ):
        answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/{path}", body)
        assert answer.status_code == 409, path
        assert answer.json()["code"] == "order_waiting"
        assert order["id"] in answer.json()["detail"]


async def test_of_two_orders_at_once_one_is_placed(
    subscriptions: Subscriptions, replica: Subscriptions
) -> None:
    made = await an_ended(subscriptions)
    path = f"/v1/subscriptions/{made}/reactivate"

    answers = await asyncio.gather(
        *(each.send("POST", path, {}) for each in (subscriptions, replica) for _ in range(4))
    )

    assert sorted(each.status_code for each in answers) == [202, *[409] * 7]


async def test_the_same_request_sent_again_is_the_same_order(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    path = f"/v1/subscriptions/{made}/reactivate"

    first = await subscriptions.send("POST", path, {}, once="k-1")
    again = await subscriptions.send("POST", path, {}, once="k-1")

    assert first.json() == again.json()
    assert await subscriptions.topics(first.json()["id"]) == ["order.placed"]


@pytest.mark.parametrize("what", ["cancel", "hold"])
async def test_a_cancellation_and_a_hold_drop_the_order_that_waits(
    subscriptions: Subscriptions, what: str
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)
    words = (opened(made, order["id"], 5), cleared(made, order["id"], 6))
    await subscriptions.hear(words[0])

    if what == "cancel":
        await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", NOW)
    else:
        path = f"/v1/subscriptions/{made}/holds/abuse"
        await subscriptions.send("PUT", path, {"reason": "spam"})
    before = await subscriptions.shown(made)
    await subscriptions.hear(words[1])

    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.canceled"]
    assert await subscriptions.shown(made) == before
    assert before["status"] == "suspended"


async def test_an_order_nobody_answers_expires_and_what_comes_later_has_no_effect(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)
    assert await subscriptions.timers(order["id"]) == {"order_expires": BACK + AN_HOUR}

    await subscriptions.move_to(BACK + AN_HOUR)
    before = await subscriptions.shown(made)
    await subscriptions.hear(opened(made, order["id"], 5), cleared(made, order["id"], 6))
    await subscriptions.hear(declined(made, order["id"], 7))

    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.canceled"]
    assert await subscriptions.shown(made) == before


@pytest.mark.parametrize("first", [0, 1], ids=["period first", "cleared first"])
async def test_an_order_that_is_answered_in_part_does_not_expire(
    subscriptions: Subscriptions, first: int
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)
    words = (opened(made, order["id"], 5), cleared(made, order["id"], 6))

    await subscriptions.hear(words[first])
    await subscriptions.move_to(BACK + 2 * AN_HOUR)
    await subscriptions.hear(words[1 - first])

    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.applied"]
    assert (await subscriptions.shown(made))["status"] == "active"


async def test_after_a_number_that_was_taken_back_the_next_one_counts_as_long(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)
    lost = await ordered(subscriptions, made)
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", NOW)
    await subscriptions.hear(opened(made, lost["id"], 5), cleared(made, lost["id"], 6))
    order = await ordered(subscriptions, made)

    await subscriptions.hear(opened(made, order["id"], 9, no=2), cleared(made, order["id"], 10))

    back = await subscriptions.shown(made)
    assert (back["period"]["no"], back["periods_opened"]) == (2, 3)
    assert back["next_boundary_at"] == "2027-04-09T22:00:00Z"


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


async def test_the_end_of_the_retention_ends_the_order_too(subscriptions: Subscriptions) -> None:
    until = datetime(2027, 3, 29, 22, tzinfo=UTC)
    made = await an_ended(subscriptions, until - timedelta(minutes=10))
    order = await ordered(subscriptions, made)
    assert await subscriptions.timers(order["id"]) == {"order_expires": until}

    await subscriptions.move_to(until)
    await subscriptions.hear(opened(made, order["id"], 5), cleared(made, order["id"], 6))

    assert (await subscriptions.shown(made))["status"] == "terminated"
    assert await subscriptions.topics(order["id"]) == ["order.placed", "order.canceled"]
    path = f"/v1/subscriptions/{made}/reactivate"
    assert await code_of_refusal(subscriptions, path, {}) == "subscription_ended"


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


async def test_an_answer_to_an_order_that_nobody_placed_is_parked(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)

    await subscriptions.hear(cleared(made, "ord_of_nobody", 5))

    [parked] = await subscriptions.rows("select key, detail from parked")
    assert bytes(parked["key"]).decode() == made
    assert "OrderNotFound" in parked["detail"]
