"""What a client cannot know from the answer, it learns by looking or by the same key again."""

from time import monotonic
from typing import Any

import httpx2
import pytest

from tests.standins.running import StandIn
from tests.standins.stories import a_charge, a_refund

BROKEN = httpx2.RemoteProtocolError
SHORT = 0.3


def test_a_time_out_before_takes_no_money_and_the_same_key_succeeds_later(gateway: StandIn) -> None:
    order = a_charge("pm_timeout_before_1")

    with pytest.raises(httpx2.ReadTimeout):
        gateway.http.post("/v1/charges", json=order, timeout=SHORT)

    assert _found(gateway, order) is None
    assert gateway.post("/v1/charges", order)["status"] == "succeeded"


def test_a_time_out_after_took_the_money_and_the_same_key_takes_no_more(gateway: StandIn) -> None:
    order = a_charge("pm_timeout_after_1")

    with pytest.raises(httpx2.ReadTimeout):
        gateway.http.post("/v1/charges", json=order, timeout=SHORT)

    found = _found(gateway, order)
    assert found["captured"] == 1999
    assert gateway.post("/v1/charges", order) == found


def test_a_held_connection_is_dropped_in_the_end(gateway: StandIn) -> None:
    gateway.rule("timeout_after", match={"method_ref": "pm_ok_held"}, seconds=0.2)
    order = a_charge("pm_ok_held")

    with pytest.raises(BROKEN):
        gateway.http.post("/v1/charges", json=order)

    assert _found(gateway, order)["status"] == "succeeded"


@pytest.mark.parametrize(("method_ref", "captured"), [("pm_500_after", 1), ("pm_500_before", 0)])
def test_an_error_says_nothing_about_the_money(
    gateway: StandIn, method_ref: str, captured: int
) -> None:
    order = a_charge(f"{method_ref}_1")

    answer = gateway.http.post("/v1/charges", json=order)

    assert answer.status_code == 500
    assert (_found(gateway, order) is not None) == bool(captured)
    assert gateway.post("/v1/charges", order)["status"] == "succeeded"


def test_a_slow_gateway_has_taken_the_money_before_it_answers(gateway: StandIn) -> None:
    order = a_charge("pm_slow_0.4_1")
    begun = monotonic()

    answer = gateway.post("/v1/charges", order)

    assert monotonic() - begun >= 0.4
    assert answer["status"] == "succeeded"


def test_a_late_charge_is_invisible_for_a_while_though_the_money_is_gone(gateway: StandIn) -> None:
    gateway.rule("late", match={"method_ref": "pm_ok_late"}, seconds=0.5)
    order = a_charge("pm_ok_late")
    begun = monotonic()
    with pytest.raises(BROKEN):
        gateway.http.post("/v1/charges", json=order)

    assert _found(gateway, order) is None
    while _found(gateway, order) is None:
        assert monotonic() - begun < 5

    assert monotonic() - begun >= 0.5
    assert gateway.get("/v1/ledger")["movements"][-1]["key"] == order["key"]


def test_the_answer_for_a_set_is_lost_as_a_whole_when_one_of_it_is_lost(gateway: StandIn) -> None:
    gateway.rule("timeout_before", match={"key": "lost/1"}, seconds=0.1)
    orders = [a_charge(), a_charge(key="lost/1"), a_charge()]

    with pytest.raises(BROKEN):
        gateway.http.post("/v1/charges:batch", json={"charges": orders})

    found = gateway.post("/v1/charges:find", {"keys": [each["key"] for each in orders]})["results"]
    assert [each is not None for each in found] == [True, False, True]


def test_a_refund_may_be_given_and_its_answer_lost(gateway: StandIn) -> None:
    charge = gateway.post("/v1/charges", a_charge())
    order = a_refund(charge, 100)
    gateway.rule("error_after", match={"operation": "refund"}, times=1)

    answer = gateway.http.post("/v1/refunds", json=order)

    assert answer.status_code == 500
    assert gateway.get("/v1/refunds", key=order["key"])["status"] == "succeeded"
    assert gateway.post("/v1/refunds", order)["amount"] == 100


def test_a_rule_wins_over_the_name_and_ends_after_its_times(gateway: StandIn) -> None:
    gateway.rule("hard_decline", match={"method_ref_prefix": "pm_ok"}, times=2, code="do_not_honor")

    charges = [gateway.post("/v1/charges", a_charge()) for _ in range(3)]

    assert [each["decline_code"] for each in charges] == ["do_not_honor", "do_not_honor", None]
    assert gateway.get("/control/rules")["rules"][0]["hits"] == 2


def test_every_third_charge_can_be_declined(gateway: StandIn) -> None:
    gateway.rule("decline", match={"every_nth": 3})

    statuses = [gateway.post("/v1/charges", a_charge())["status"] for _ in range(6)]

    assert statuses == ["succeeded", "succeeded", "declined"] * 2


def test_chance_repeats_itself_with_its_seed(gateway: StandIn) -> None:
    def run() -> list[str]:
        gateway.http.delete("/control/rules")
        gateway.rule("decline", match={"probability": 0.5, "seed": 7})
        orders = [a_charge() for _ in range(40)]
        results = gateway.post("/v1/charges:batch", {"charges": orders})["results"]
        return [each["status"] for each in results]

    first = run()

    assert first == run()
    assert set(first) == {"succeeded", "declined"}


def test_look_ups_fail_only_when_a_rule_names_them(gateway: StandIn) -> None:
    charge = gateway.post("/v1/charges", a_charge())
    gateway.rule("error", match={})
    assert _found(gateway, charge) == charge

    gateway.rule("error", match={"operation": "find"}, times=1)

    assert gateway.http.get("/v1/charges", params={"key": charge["key"]}).status_code == 500
    assert _found(gateway, charge) == charge


def test_a_rule_that_cannot_be_is_refused_with_all_of_its_set(gateway: StandIn) -> None:
    rules = [{"do": "decline", "match": {}}, {"do": "explode", "match": {}}]

    unknown = gateway.http.post("/control/rules", json=rules)
    misspelt = gateway.http.post("/control/rules", json=[{"do": "slow", "match": {"metod": "x"}}])

    assert (unknown.status_code, unknown.json()["field"]) == (422, "do")
    assert (misspelt.status_code, misspelt.json()["field"]) == (422, "match")
    assert gateway.get("/control/rules") == {"rules": []}


def _found(gateway: StandIn, order: Any) -> Any:
    answer = gateway.http.get("/v1/charges", params={"key": order["key"]})
    return answer.json() if answer.status_code == 200 else None
