"""A real HTTP server that hears webhooks and refuses as many as it is told to."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

from typing_extensions import override


@dataclass
class Heard:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class Listener:
    heard: list[Heard] = field(default_factory=list)
    refusing: int = 0
    _came: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        listener = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(listener.take(dict(self.headers.items()), body))
                self.end_headers()

            @override
            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing: what came is in `heard`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhooks"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self._came:
            if self.refusing > 0:
                self.refusing -= 1
                return 503
            self.heard.append(Heard(headers, body))
            self._came.notify_all()
            return 204

    def wait_for(self, how_many: int, *, about: str, seconds: float = 10) -> list[Heard]:
        """Those about one reference, once there are as many; fails when they do not come."""
        with self._came:
            came = self._came.wait_for(lambda: len(self.about(about)) >= how_many, seconds)
            assert came, f"heard {len(self.about(about))} of {how_many} webhooks about {about}"
            return self.about(about)

    def about(self, reference: str) -> list[Heard]:
        return [each for each in self.heard if each.event["data"]["reference"] == reference]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
