"""While an order waits: what is refused, what drops it, and answers that come too late."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.subscriptions.at_work import Subscriptions
from tests.integration.subscriptions.returning import (
    AN_HOUR,
    BACK,
    CANCEL,
    NOW,
    an_ended,
    cleared,
    code_of_refusal,
    declined,
    opened,
    ordered,
)


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


async def test_an_answer_to_an_order_that_nobody_placed_is_parked(
    subscriptions: Subscriptions,
) -> None:
    made = await an_ended(subscriptions)

    await subscriptions.hear(cleared(made, "ord_of_nobody", 5))

    [parked] = await subscriptions.rows("select key, detail from parked")
    assert bytes(parked["key"]).decode() == made
    assert "OrderNotFound" in parked["detail"]


async def test_a_cancellation_and_the_answer_at_once_leave_one_of_two_stories(
    subscriptions: Subscriptions, replica: Subscriptions
) -> None:
    made = await an_ended(subscriptions)
    order = await ordered(subscriptions, made)

    await asyncio.gather(
        subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL),
        replica.hear(opened(made, order["id"], 5), cleared(made, order["id"], 6)),
    )

    now = await subscriptions.shown(made)
    ended = (await subscriptions.topics(order["id"]))[-1]
    assert (ended, now["status"], now["ends_at"]) in {
        ("order.canceled", "suspended", "2027-02-27T23:00:00Z"),
        ("order.applied", "active", "2027-04-09T22:00:00Z"),
    }
