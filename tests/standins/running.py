"""One stand-in as a real process: started, talked to, killed, started again on its ledger."""

import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class StandIn:
    arguments: list[str]
    port: int
    smtp_port: int = 0

    @classmethod
    def started(cls, name: str, file: Path, *more: str) -> Self:
        port, smtp_port = free_port(), free_port()
        ports = ["--port", str(port), "--ledger", str(file)]
        if name == "mailbox":
            ports = ["--http-port", str(port), "--smtp-port", str(smtp_port), "--store", str(file)]
        standin = cls(["-m", f"deploy.standins.{name}", *ports, *more], port, smtp_port)
        standin.start()
        return standin

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        announced = self.process.stdout.readline()
        assert "ready" in announced, f"it said {announced!r}"
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    def kill(self) -> None:
        """Without a chance to put anything in order."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self.http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        return self.http.get(path, params=parameters).raise_for_status().json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.http.post(path, json=body, headers=headers).raise_for_status().json()

    def rule(self, do: str, *, match: dict[str, Any], **more: Any) -> None:
        self.post("/control/rules", [{"do": do, "match": match, **more}])
