"""A platform of one partner that is only asked: it keeps keys as ours does, and notes what it did."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson

from tests.chaos.client import Client
from tests.chaos.journal import Journal
from tests.chaos.providers import BEGINNING, Provider

URLS = dict.fromkeys(("customers", "subscriptions"), "http://platform.test")
STATUS_AFTER = {"PUT": "suspended", "DELETE": "active"}


class Asked:
    """`done` are requests that had an effect, `moves` are where its clock was moved to."""

    def __init__(self, *subscriptions: str, ends_what_is_held: bool = False) -> None:
        self.status = dict.fromkeys(subscriptions, "active")
        self.done: list[str] = []
        self.moves: list[str] = []
        self.now = BEGINNING
        self._ends_what_is_held = ends_what_is_held
        self._answers: dict[str, tuple[bytes, int, Any]] = {}
        self.transport = httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=self._look(request.url.path))
        key, asked = request.headers["idempotency-key"], request.url.path.encode() + request.content
        if key not in self._answers:
            self._answers[key] = (asked, *self._change(request))
        before, status, body = self._answers[key]
        return httpx2.Response(status if before == asked else 422, json=body)

    def _look(self, path: str) -> dict[str, Any]:
        if path.startswith("/v1/test_clocks"):
            return {"now": self.now, "target": self.now, "status": "ready"}
        name = path.rpartition("/")[2]
        if name in self.status:
            return {"id": name, "status": self.status[name]}
        running = [each for each, status in self.status.items() if status == "active"]
        return {"data": [{"id": each} for each in running]}

    def _change(self, request: httpx2.Request) -> tuple[int, Any]:
        path = request.url.path
        if path.endswith("/advance"):
            self.now = orjson.loads(request.content)["to"]
            self.moves.append(self.now)
            if self._ends_what_is_held:
                over = {each for each, status in self.status.items() if status == "suspended"}
                self.status |= dict.fromkeys(over, "terminated")
            return 202, {}
        name = path.split("/")[3]
        if self._says_nothing_new(request.method, path, name):
            return 200, {}
        self.done.append(f"{request.method} {path}")
        self.status[name] = STATUS_AFTER.get(request.method, self.status[name])
        return 200, {}

    def _says_nothing_new(self, method: str, path: str, name: str) -> bool:
        """A second cancel changes nothing, nor does lifting a hold of one that is over."""
        known = f"{method} {path}" in self.done and path.endswith("/cancel")
        return known or self.status[name] == "terminated"


@contextmanager
def sandbox_of(platform: Asked, directory: Path) -> Iterator[tuple[Provider, Journal]]:
    journal = Journal(directory / "client.jsonl")
    client = Client(URLS, "key", platform.transport)
    try:
        yield Provider("sandbox", "ptn_1", "https://shop", "tv", client, "clk_1"), journal
    finally:
        client.close()
        journal.close()


def commands(directory: Path) -> list[dict[str, Any]]:
    lines = (directory / "client.jsonl").read_text().splitlines()
    return [line for each in lines if (line := orjson.loads(each))["kind"] == "command"]
