"""Money goes back at most once and never more than came; a dispute holds what it is about."""

from typing import Any

from tests.standins.running import StandIn
from tests.standins.stories import a_charge, a_refund


def test_a_repeated_refund_gives_the_money_back_once(gateway: StandIn) -> None:
    charge = _charged(gateway)
    order = a_refund(charge, 400)

    first, again = gateway.post("/v1/refunds", order), gateway.post("/v1/refunds", order)

    assert first == again == gateway.get("/v1/refunds", key=order["key"])
    assert (first["status"], _now(gateway, charge)["refunded"]) == ("succeeded", 400)


def test_never_more_is_refunded_than_was_captured(gateway: StandIn) -> None:
    charge = _charged(gateway)
    gateway.post("/v1/refunds", a_refund(charge, 1500))

    answer = gateway.http.post("/v1/refunds", json=a_refund(charge, 500))

    assert (answer.status_code, answer.json()["error"]) == (422, "not_refundable")
    assert _now(gateway, charge)["refunded"] == 1500


def test_a_pending_refund_settles_after_five_days_of_the_sandbox(gateway: StandIn) -> None:
    charge = _charged(gateway, "pm_refund_pending_1")
    day = "2031-01-0{}T00:00:00Z".format
    refund = gateway.post("/v1/refunds", a_refund(charge, 400), **{"Perennial-Now": day(1)})

    early = gateway.http.get(
        f"/v1/refunds/{refund['reference']}", headers={"Perennial-Now": day(5)}
    )
    settled = gateway.http.get(
        f"/v1/refunds/{refund['reference']}", headers={"Perennial-Now": day(6)}
    )

    assert (refund["status"], refund["settles_at"]) == ("pending", day(6))
    assert [early.json()["status"], settled.json()["status"]] == ["pending", "succeeded"]
    assert _moved(gateway, charge) == [("capture", 1999), ("refund", 400)]


def test_a_pending_refund_holds_its_amount_and_one_that_fails_lets_it_go(gateway: StandIn) -> None:
    charge = _charged(gateway)
    gateway.rule("refund_pending", match={}, seconds=3600)
    refund = gateway.post("/v1/refunds", a_refund(charge, 1999))
    held = gateway.http.post("/v1/refunds", json=a_refund(charge, 1))

    gateway.post("/control/refunds", {"reference": refund["reference"], "status": "failed"})

    assert held.status_code == 422
    assert _now(gateway, charge)["refund_pending"] == 0
    assert _moved(gateway, charge) == [("capture", 1999)]


def test_what_is_disputed_cannot_be_refunded_and_a_lost_dispute_takes_it(gateway: StandIn) -> None:
    charge = _charged(gateway)
    opened = _disputed(gateway, charge, "opened")
    refused = gateway.http.post("/v1/refunds", json=a_refund(charge, 1))

    lost = _disputed(gateway, charge, "lost")

    assert (opened["disputed"], refused.status_code) == (1999, 422)
    assert lost["dispute"] == {"state": "lost", "amount": 1999}
    assert _moved(gateway, charge) == [("capture", 1999), ("chargeback", 1999)]


def test_a_won_dispute_leaves_the_money_refundable(gateway: StandIn) -> None:
    charge = _charged(gateway)
    _disputed(gateway, charge, "opened")

    won = _disputed(gateway, charge, "won")

    assert won["disputed"] == 0
    assert gateway.post("/v1/refunds", a_refund(charge, 1999))["status"] == "succeeded"


def _charged(gateway: StandIn, method_ref: str = "pm_ok_1") -> Any:
    return gateway.post("/v1/charges", a_charge(method_ref))


def _now(gateway: StandIn, charge: Any) -> Any:
    return gateway.get(f"/v1/charges/{charge['reference']}")


def _disputed(gateway: StandIn, charge: Any, state: str) -> Any:
    return gateway.post("/control/dispute", {"reference": charge["reference"], "state": state})


def _moved(gateway: StandIn, charge: Any) -> list[tuple[str, int]]:
    movements = gateway.get("/v1/ledger")["movements"]
    ours = [each for each in movements if each["charge"] == charge["reference"]]
    return [(each["kind"], each["amount"]) for each in ours]
