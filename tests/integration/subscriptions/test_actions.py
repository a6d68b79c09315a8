"""Acting on a subscription over HTTP: once for each intent, and never on bad input."""

from typing import Any

import pytest

from tests.integration.subscriptions.at_work import HOSTING, Subscriptions

CANCEL = {"at": "period_end", "reason": "too many channels"}
GIFT = {"intervals": 1, "note": "sorry for the outage"}


async def test_a_request_sent_again_extends_once_and_answers_the_same(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/extend"

    first = await subscriptions.send("POST", path, GIFT, once="one intent")
    again = await subscriptions.send("POST", path, GIFT, once="one intent")
    other = await subscriptions.send("POST", path, GIFT, once="another intent")

    assert first.json() == again.json()
    assert first.json()["periods_granted"] == 1
    assert other.json()["periods_granted"] == 2
    extended = await subscriptions.told(made, "subscription.extended")
    assert len({each["body"]["grant_id"] for each in extended}) == len(extended) == 2


async def test_a_request_whose_answer_was_lost_in_a_crash_extends_once(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/extend"
    await subscriptions.send("POST", path, GIFT, once="one intent")

    await subscriptions.rows("delete from idempotency returning 1")
    again = await subscriptions.send("POST", path, GIFT, once="one intent")

    assert again.json()["periods_granted"] == 1


async def test_an_extension_moves_the_end_at_the_panel_too(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send(
        "POST",
        f"/v1/subscriptions/{made}/extend",
        {"until": "2027-03-10", "note": "paid at the counter", "paid_externally_minor": 500},
    )
    await subscriptions.tell_the_panel()

    assert answer.json()["next_boundary_at"] == "2027-03-09T23:00:00Z"
    [extended] = await subscriptions.told(made, "subscription.extended")
    body = extended["body"]
    assert (body["intervals"], body["until"], body["paid_externally_minor"]) == (
        1,
        "2027-03-10",
        500,
    )
    assert body["change"]["reason"] == "paid at the counter"
    account = subscriptions.panel.account(made)
    assert account is not None
    assert account["expires_at"] == "2027-03-18T23:00:00Z"


async def test_a_second_cancellation_changes_nothing(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    first = await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)
    second = await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    assert first.json() == second.json()
    assert (await subscriptions.topics(made)).count("subscription.canceled") == 1


async def test_a_hold_cuts_the_account_and_lifting_it_gives_it_back(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    path = f"/v1/subscriptions/{made}/holds/abuse"

    held = await subscriptions.send("PUT", path, {"reason": "sends spam"})
    await subscriptions.tell_the_panel()
    cut = subscriptions.panel.account(made)
    lifted = await subscriptions.send("DELETE", path)
    await subscriptions.tell_the_panel()
    back = subscriptions.panel.account(made)

    assert (held.json()["status"], held.json()["holds"][0]["reason"]) == ("suspended", "sends spam")
    assert lifted.json()["status"] == "active"
    assert cut is not None
    assert back is not None
    assert (cut["status"], back["status"]) == ("disabled", "enabled")


async def test_an_operator_cannot_say_what_billing_says(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send(
        "PUT", f"/v1/subscriptions/{made}/holds/non_payment", {"reason": "angry"}
    )

    assert (answer.status_code, answer.json()["param"]) == (422, "kind")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("cancel", {"at": "tomorrow", "reason": "x"}, 422, "invalid_request"),
        ("cancel", {"at": "now"}, 422, "invalid_request"),
        ("cancel", {"at": "now", "reason": "\x00"}, 422, "invalid_request"),
        ("extend", {"intervals": 0, "note": "x"}, 422, "extension_empty"),
        ("extend", {"intervals": 121, "note": "x"}, 422, "intervals_out_of_range"),
        ("extend", {"intervals": -1, "note": "x"}, 422, "intervals_out_of_range"),
        ("extend", {"until": "2027-01-01", "note": "x"}, 422, "day_out_of_range"),
        ("extend", {"until": "2027-02-30", "note": "x"}, 422, "invalid_request"),
        (
            "extend",
            {"intervals": 1, "note": "x", "paid_externally_minor": -1},
            422,
            "amount_out_of_range",
        ),
        ("extend", {"intervals": 1, "note": "x", "months": 3}, 422, "invalid_request"),
    ],
)
async def test_bad_input_names_the_way_out_and_changes_nothing(
    subscriptions: Subscriptions, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.send("POST", f"/v1/subscriptions/{made}/{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["param"]
    assert answer.json()["way_out"]
    assert len(await subscriptions.topics(made)) == 2


async def test_before_its_activation_it_is_canceled_but_neither_held_nor_extended(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.created()
    path = f"/v1/subscriptions/{made}"

    held = await subscriptions.send("PUT", f"{path}/holds/abuse", {"reason": "x"})
    extended = await subscriptions.send("POST", f"{path}/extend", GIFT)
    canceled = await subscriptions.send("POST", f"{path}/cancel", CANCEL)

    assert held.json()["code"] == extended.json()["code"] == "subscription_not_activated"
    assert (held.status_code, extended.status_code) == (409, 409)
    assert canceled.json()["status"] == "canceled"


async def test_what_moves_money_needs_a_key(subscriptions: Subscriptions) -> None:
    made = await subscriptions.activated()

    answer = await subscriptions.http.post(
        f"/v1/subscriptions/{made}/extend",
        json=GIFT,
        headers={"authorization": "Bearer sk_test_of_the_shop"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_missing")


async def test_a_minimum_term_is_kept_until_the_provider_releases_the_customer(
    subscriptions: Subscriptions,
) -> None:
    bound = {**HOSTING, "code": "bound", "minimum_periods": 12}
    offered = await subscriptions.send("POST", "/v1/offers", bound)
    made = await subscriptions.activated(offer="bound")
    path = f"/v1/subscriptions/{made}/cancel"

    refused = await subscriptions.send("POST", path, {**CANCEL, "at": "now"})
    kept = await subscriptions.send("POST", path, CANCEL)
    released = await subscriptions.send("POST", path, {**CANCEL, "release_from_minimum_term": True})

    assert offered.json()["minimum_periods"] == 12
    assert (refused.status_code, refused.json()["code"]) == (409, "minimum_term_runs")
    assert kept.json()["ends_at"] == kept.json()["committed_until"] == "2028-01-30T23:00:00Z"
    assert released.json()["ends_at"] == "2027-02-27T23:00:00Z"
    last = (await subscriptions.told(made, "subscription.canceled"))[-1]["body"]["subscription"]
    assert (last["minimum_periods"], last["committed_until"]) == (12, "2028-01-30T23:00:00Z")
