"""The service panel in a process of its own."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2


@dataclass
class Panel:
    """What an operator of the panel sees of it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, subscription_id: str) -> dict[str, Any] | None:
        """None where it was never opened, or is deleted."""
        answer = httpx2.get(f"{self.url}/v1/accounts/{subscription_id}")
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    def calls(self, subscription_id: str) -> list[tuple[str, str]]:
        """Every call that wanted to change this account: operation and outcome, in order."""
        ledger = httpx2.get(f"{self.url}/v1/ledger", params={"limit": 10_000}).json()["calls"]
        return [
            (each["operation"], each["outcome"])
            for each in ledger
            if each["external_id"] == subscription_id
        ]

    def signs_in(self, username: str, password: str) -> int:
        body = {"username": username, "password": password}
        return httpx2.post(f"{self.url}/v1/signin", json=body).status_code

    def rule(self, **rule: Any) -> None:
        httpx2.post(f"{self.url}/control/rules", json=[rule]).raise_for_status()

    def obey_no_rules(self) -> None:
        httpx2.delete(f"{self.url}/control/rules").raise_for_status()


@contextmanager
def running_panel(directory: Path) -> Iterator[Panel]:
    panel = Panel(_free_port())
    arguments = ["--port", str(panel.port), "--ledger", str(directory / "panel.jsonl")]
    command = [sys.executable, "-m", "deploy.standins.panel", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(panel, process)
            yield panel
        finally:
            process.terminate()


def _wait_for(panel: Panel, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{panel.url}/healthz").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("the panel did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
