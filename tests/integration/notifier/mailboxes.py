"""Two mail servers in processes of their own: the world's, and the sandbox's."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2


@dataclass
class Mailbox:
    """`mails` are those that arrived since the last `forget`."""

    smtp_port: int
    http_port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    after: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx2.get(
            f"{self.url}/messages", params={"after": self.after, "limit": 1000}
        ).json()["messages"]
        return found

    def templates(self) -> list[str]:
        return [each["headers"]["X-Perennial-Template"] for each in self.mails()]

    def rule(self, **rule: Any) -> None:
        httpx2.post(f"{self.url}/control/rules", json=[rule]).raise_for_status()

    def forget(self) -> None:
        httpx2.delete(f"{self.url}/control/rules").raise_for_status()
        self.after = max((each["n"] for each in self.mails()), default=self.after)


@dataclass(frozen=True)
class Mailboxes:
    live: Mailbox
    sandbox: Mailbox


@contextmanager
def two_mailboxes(directory: Path) -> Iterator[Mailboxes]:
    with ExitStack() as stack:
        yield Mailboxes(
            stack.enter_context(_mailbox(directory / "live")),
            stack.enter_context(_mailbox(directory / "sandbox")),
        )


@contextmanager
def _mailbox(store: Path) -> Iterator[Mailbox]:
    smtp_port, http_port = _free_port(), _free_port()
    ports = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    command = [sys.executable, "-m", "deploy.standins.mailbox", *ports, "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        mailbox = Mailbox(smtp_port, http_port, process)
        try:
            _wait_for(mailbox)
            yield mailbox
        finally:
            process.terminate()


def _wait_for(mailbox: Mailbox) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and mailbox.process.poll() is None:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{mailbox.url}/healthz").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("the mailbox did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
