"""A key takes the money once, whatever is repeated; bad input moves none."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.standins.running import StandIn
from tests.standins.stories import a_charge


def test_a_repeated_charge_gets_the_first_answer_and_takes_no_more_money(gateway: StandIn) -> None:
    order = a_charge()

    first = gateway.post("/v1/charges", order, **{"Idempotency-Key": order["key"]})
    again = gateway.post("/v1/charges", order)

    assert first == again
    assert (first["status"], first["captured"]) == ("succeeded", 1999)
    assert [each["amount"] for each in _movements(gateway, order["key"])] == [1999]


def test_twenty_callers_at_once_with_one_key_make_one_charge(gateway: StandIn) -> None:
    order = a_charge()

    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda _: gateway.post("/v1/charges", order), range(20)))

    assert {answer["reference"] for answer in answers} == {answers[0]["reference"]}
    assert len(_movements(gateway, order["key"])) == 1


def test_a_key_used_for_another_amount_is_refused(gateway: StandIn) -> None:
    order = a_charge()
    gateway.post("/v1/charges", order)

    answer = gateway.http.post("/v1/charges", json=order | {"amount": 1})

    assert (answer.status_code, answer.json()["error"]) == (422, "key_reused")
    assert [each["amount"] for each in _movements(gateway, order["key"])] == [1999]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("amount", 19.99), ("amount", 0), ("amount", "1"), ("currency", "eur"), ("method_ref", "")],
)
def test_a_wrong_field_is_named_and_nothing_is_charged(
    gateway: StandIn, field: str, wrong: Any
) -> None:
    order = a_charge() | {field: wrong}

    answer = gateway.http.post("/v1/charges", json=order)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert gateway.http.get("/v1/charges", params={"key": order["key"]}).status_code == 404


def test_a_header_that_contradicts_the_body_is_refused(gateway: StandIn) -> None:
    answer = gateway.http.post("/v1/charges", json=a_charge(), headers={"Idempotency-Key": "x"})

    assert (answer.status_code, answer.json()["field"]) == (422, "key")


def test_a_set_is_answered_one_by_one_in_its_order(gateway: StandIn) -> None:
    known = a_charge()
    gateway.post("/v1/charges", known)
    orders = [a_charge(), a_charge("pm_hard_1"), known | {"amount": 5}, a_charge()]

    results = gateway.post("/v1/charges:batch", {"charges": orders})["results"]

    assert [each["key"] for each in results] == [order["key"] for order in orders]
    statuses = [each["status"] for each in results]
    assert statuses == ["succeeded", "declined", "refused", "succeeded"]
    assert results[2]["error"] == "key_reused"


def test_a_charge_is_found_by_key_and_by_reference_and_an_unknown_one_is_not(
    gateway: StandIn,
) -> None:
    charge = gateway.post("/v1/charges", a_charge())

    assert gateway.get("/v1/charges", key=charge["key"]) == charge
    assert gateway.get(f"/v1/charges/{charge['reference']}") == charge
    assert gateway.http.get("/v1/charges/ch_unknown").status_code == 404
    found = gateway.post("/v1/charges:find", {"keys": ["unknown", charge["key"]]})
    assert found == {"results": [None, charge]}


def test_declines_say_whether_another_attempt_makes_sense(gateway: StandIn) -> None:
    soft = gateway.post("/v1/charges", a_charge("pm_decline_1"))
    hard = gateway.post("/v1/charges", a_charge("pm_hard_1"))
    expired = gateway.post("/v1/charges", a_charge("pm_hard_expired_1"))

    told = [(each["decline_kind"], each["decline_code"]) for each in (soft, hard, expired)]
    assert told == [
        ("soft", "insufficient_funds"),
        ("hard", "stolen_card"),
        ("hard", "expired_card"),
    ]
    assert soft["captured"] == hard["captured"] == 0


def test_a_card_that_fails_twice_pays_the_third_attempt(gateway: StandIn) -> None:
    attempts = [gateway.post("/v1/charges", a_charge("pm_fail_2_alice")) for _ in range(3)]

    assert [each["status"] for each in attempts] == ["declined", "declined", "succeeded"]


def test_the_payment_of_an_upstream_checkout_is_known_once(gateway: StandIn) -> None:
    made = {"reference": "ch_shop-7", "amount": 500, "currency": "EUR", "method_ref": "pm_ok_1"}

    first, again = gateway.post("/v1/captures", made), gateway.post("/v1/captures", made)
    other = gateway.http.post("/v1/captures", json=made | {"amount": 5})

    assert first == again == gateway.get("/v1/charges/ch_shop-7")
    assert (first["captured"], first["key"], other.status_code) == (500, None, 422)


def test_a_sandbox_has_its_own_time_and_a_wrong_one_is_refused(gateway: StandIn) -> None:
    charge = gateway.post(
        "/v1/charges", a_charge(), **{"Perennial-Now": "2031-01-31T01:00:00+01:00"}
    )
    wrong = gateway.http.post(
        "/v1/charges", json=a_charge(), headers={"Perennial-Now": "2031-01-31"}
    )

    assert charge["created"] == "2031-01-31T00:00:00Z"
    assert (wrong.status_code, wrong.json()["field"]) == (422, "Perennial-Now")


def _movements(gateway: StandIn, key: str) -> list[Any]:
    return [each for each in gateway.get("/v1/ledger")["movements"] if each["key"] == key]
