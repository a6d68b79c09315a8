"""The panel opens an account once, obeys the newest call, and fails when it is asked to."""

from time import monotonic
from typing import Any

import httpx2
import pytest

from tests.standins.running import StandIn
from tests.standins.stories import an_account


def test_an_account_is_opened_once_and_its_password_works(panel: StandIn) -> None:
    order = an_account()

    first, again = panel.post("/v1/accounts", order), panel.post("/v1/accounts", order)

    assert first == again
    assert panel.post("/v1/signin", _credentials(first))["external_id"] == order["external_id"]
    shown = panel.get(_path(order))
    assert shown == {name: value for name, value in first.items() if name != "password"}


def test_a_disabled_account_lets_nobody_in_until_it_is_enabled(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account())

    disabled = _put(panel, account, {"status": "disabled"})
    refused = panel.http.post("/v1/signin", json=_credentials(account))
    _put(panel, account, {"status": "enabled"})

    assert (disabled["status"], refused.status_code) == ("disabled", 403)
    assert panel.post("/v1/signin", _credentials(account))["status"] == "enabled"


def test_an_account_past_its_end_lets_nobody_in_until_it_is_extended(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account())
    later = {"Perennial-Now": "2027-03-01T00:00:00Z"}

    expired = panel.http.post("/v1/signin", json=_credentials(account), headers=later)
    extended = _put(panel, account, {"expires_at": "2027-03-31T00:00:00Z"})

    assert expired.status_code == 403
    assert extended["plan"] == account["plan"]
    assert panel.post("/v1/signin", _credentials(account), **later)["status"] == "enabled"


def test_a_new_password_ends_the_old_one_and_a_repeated_call_gives_the_same(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account())
    path = f"{_path(account)}/password"

    renewed = panel.post(path, None, **{"Idempotency-Key": f"{path}/1"})
    again = panel.post(path, None, **{"Idempotency-Key": f"{path}/1"})

    assert renewed == again
    assert panel.http.post("/v1/signin", json=_credentials(account)).status_code == 401
    assert panel.post("/v1/signin", _credentials(renewed))["status"] == "enabled"


def test_a_call_that_was_overtaken_changes_nothing(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account(), **{"Perennial-Version": "1"})
    _put(panel, account, {"status": "disabled"}, **{"Perennial-Version": "3"})

    late = _put(panel, account, {"status": "enabled"}, **{"Perennial-Version": "2"})

    assert (late["status"], late["version"]) == ("disabled", 3)
    assert _outcomes(panel, account) == ["done", "done", "stale"]


def test_a_deleted_account_is_gone_and_an_overtaken_call_does_not_bring_it_back(
    panel: StandIn,
) -> None:
    order = an_account()
    account = panel.post("/v1/accounts", order, **{"Perennial-Version": "1"})
    delete = {"Perennial-Version": "2"}

    gone = panel.http.delete(_path(order), headers=delete)
    again = panel.http.delete(_path(order), headers=delete)
    late = panel.http.post("/v1/accounts", json=order, headers={"Perennial-Version": "1"})

    stone = {"external_id": order["external_id"], "status": "deleted", "version": 2}
    assert [each.json() for each in (gone, again, late)] == [stone] * 3
    assert panel.http.get(_path(order)).status_code == 404
    reopened = panel.post("/v1/accounts", order, **{"Perennial-Version": "3"})
    assert reopened["password"] != account["password"]


def test_a_key_used_for_another_wish_is_refused(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account())
    key = {"Idempotency-Key": f"{account['external_id']}/1"}
    _put(panel, account, {"plan": "pro"}, **key)

    answer = panel.http.put(_path(account), json={"plan": "max"}, headers=key)

    assert (answer.status_code, answer.json()["error"]) == (422, "key_reused")
    assert panel.get(_path(account))["plan"] == "pro"


def test_a_change_of_an_unknown_account_is_refused(panel: StandIn) -> None:
    answer = panel.http.put("/v1/accounts/sub_nobody", json={"plan": "pro"})

    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_a_wrong_field_is_named(panel: StandIn) -> None:
    local = panel.http.post(
        "/v1/accounts", json=an_account() | {"expires_at": "2027-01-01T00:00:00"}
    )
    status = panel.http.put("/v1/accounts/sub_nobody", json={"status": "paused"})

    assert [each.json()["field"] for each in (local, status)] == ["expires_at", "status"]


def test_a_plan_may_fail_an_accounts_first_calls(panel: StandIn) -> None:
    order = an_account("panel_fail_2")

    answers = [panel.http.post("/v1/accounts", json=order).status_code for _ in range(3)]

    assert answers == [500, 500, 201]
    assert _outcomes(panel, order) == ["failed", "failed", "done"]


def test_an_account_may_be_opened_and_the_answer_lost(panel: StandIn) -> None:
    order = an_account("panel_timeout_after")

    with pytest.raises(httpx2.ReadTimeout):
        panel.http.post("/v1/accounts", json=order, timeout=0.3)

    assert panel.get(_path(order))["status"] == "enabled"
    assert panel.post("/v1/signin", _credentials(panel.post("/v1/accounts", order)))
    assert _outcomes(panel, order) == ["unheard", "done"]


def test_a_connection_may_break_before_anything_is_done(panel: StandIn) -> None:
    order = an_account()
    panel.rule("timeout_before", match={"external_id": order["external_id"]}, seconds=0.1, times=1)

    with pytest.raises(httpx2.RemoteProtocolError):
        panel.http.post("/v1/accounts", json=order)

    assert panel.http.get(_path(order)).status_code == 404
    assert panel.http.post("/v1/accounts", json=order).status_code == 201


def test_every_second_update_can_be_made_to_fail_and_a_call_to_be_slow(panel: StandIn) -> None:
    account = panel.post("/v1/accounts", an_account())
    panel.rule("error", match={"operation": "update", "every_nth": 2})
    panel.rule("slow", match={"operation": "read"}, seconds=0.3)

    codes = [panel.http.put(_path(account), json={}).status_code for _ in range(4)]
    begun = monotonic()
    panel.get(_path(account))

    assert codes == [200, 500, 200, 500]
    assert monotonic() - begun >= 0.3


def test_accounts_are_listed_page_by_page(panel: StandIn) -> None:
    made = {panel.post("/v1/accounts", an_account())["external_id"] for _ in range(3)}
    listed: list[str] = []
    after: str | None = ""

    while after is not None:
        page = panel.get("/v1/accounts", after=after, limit=2)
        listed += [each["external_id"] for each in page["accounts"]]
        after = page["next"]

    assert made <= set(listed)
    assert listed == sorted(set(listed))


def _put(panel: StandIn, account: Any, change: Any, **headers: str) -> Any:
    answer = panel.http.put(_path(account), json=change, headers=headers)
    return answer.raise_for_status().json()


def _path(account: Any) -> str:
    return f"/v1/accounts/{account['external_id']}"


def _credentials(account: Any) -> Any:
    return {name: account[name] for name in ("username", "password")}


def _outcomes(panel: StandIn, account: Any) -> list[str]:
    calls = panel.get("/v1/ledger")["calls"]
    return [each["outcome"] for each in calls if each["external_id"] == account["external_id"]]
