"""Killed and started again, a stand-in knows what it knew; a half-written line never was."""

import subprocess
import sys
from pathlib import Path

from tests.standins.running import ROOT, StandIn, free_port
from tests.standins.stories import a_charge, a_refund, an_account


def test_a_killed_gateway_forgets_no_money(ledger: Path) -> None:
    gateway = StandIn.started("gateway", ledger, "--fsync")
    charge = gateway.post("/v1/charges", a_charge("pm_fail_1_bob"))
    paid = gateway.post("/v1/charges", a_charge("pm_refund_pending_bob"))
    gateway.post("/v1/refunds", a_refund(paid, 100))
    gateway.post(
        "/control/dispute", {"reference": paid["reference"], "state": "opened", "amount": 7}
    )
    known = [gateway.get("/v1/ledger"), gateway.get("/v1/charges", key=paid["key"])]

    gateway.kill()
    with ledger.open("a") as torn:
        torn.write('{"kind": "charge", "charge": {"refer')
    gateway.start()

    try:
        assert known == [gateway.get("/v1/ledger"), gateway.get("/v1/charges", key=paid["key"])]
        assert gateway.get("/v1/charges", key=charge["key"]) == charge
        assert gateway.post("/v1/charges", a_charge("pm_fail_1_bob"))["status"] == "succeeded"
        assert known[1]["disputed"] == 7
    finally:
        gateway.kill()


def test_a_killed_panel_forgets_no_account_key_or_version(ledger: Path) -> None:
    panel = StandIn.started("panel", ledger)
    order = an_account()
    account = panel.post("/v1/accounts", order, **{"Perennial-Version": "5"})
    path = f"/v1/accounts/{account['external_id']}"
    renewed = panel.post(f"{path}/password", None, **{"Idempotency-Key": "reset/1"})

    panel.kill()
    panel.start()

    try:
        late = panel.http.put(path, json={"plan": "old"}, headers={"Perennial-Version": "4"})
        assert late.json()["plan"] == order["plan"]
        assert panel.post(f"{path}/password", None, **{"Idempotency-Key": "reset/1"}) == renewed
        assert panel.post("/v1/signin", _credentials(renewed))["status"] == "enabled"
    finally:
        panel.kill()


def test_a_second_process_on_the_same_ledger_is_refused(ledger: Path) -> None:
    gateway = StandIn.started("gateway", ledger)

    arguments = ["--port", str(free_port()), "--ledger", str(ledger)]
    second = subprocess.run(
        [sys.executable, "-m", "deploy.standins.gateway", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    gateway.kill()
    assert second.returncode == 1
    assert "another process keeps" in second.stderr


def _credentials(account: dict[str, str]) -> dict[str, str]:
    return {name: account[name] for name in ("username", "password")}
