"""A partner's own program at the HTTP APIs: it repeats a request until it hears an answer."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx2

PAUSE_SECONDS = 0.5
ASK_AGAIN = {401, 409, 429}


class Heard(NamedTuple):
    """`outcome`: accepted, refused, or unknown where no answer ever came."""

    outcome: str
    body: dict[str, Any]


class Client:
    """Every change has a key, under which it is asked for again."""

    def __init__(self, urls: Mapping[str, str], api_key: str) -> None:
        self._urls = urls
        self._http = httpx2.Client(timeout=10, headers={"authorization": f"Bearer {api_key}"})

    def close(self) -> None:
        self._http.close()

    def change(
        self,
        method: str,
        service: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        key: str,
        patience: float = 60,
    ) -> Heard:
        """A refusal that another moment may lift (a key not heard of yet) is asked again, too."""
        deadline, refused = time.monotonic() + patience, False
        while True:
            try:
                answer = self._http.request(
                    method,
                    f"{self._urls[service]}{path}",
                    json=body,
                    headers={"idempotency-key": key},
                )
            except httpx2.HTTPError:
                refused = False
            else:
                if answer.is_success:
                    return Heard("accepted", answer.json() if answer.content else {})
                refused = answer.is_client_error
                if refused and answer.status_code not in ASK_AGAIN:
                    return Heard("refused", answer.json())
            if time.monotonic() > deadline:
                return Heard("refused" if refused else "unknown", {})
            time.sleep(PAUSE_SECONDS)

    def look(self, service: str, path: str, patience: float = 60) -> dict[str, Any]:
        """
        Raises:
            TimeoutError: nobody answered for so long.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                answer = self._http.get(f"{self._urls[service]}{path}")
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
            except httpx2.HTTPError:
                pass
            time.sleep(PAUSE_SECONDS)
        raise TimeoutError(f"GET {path}: no answer in {patience} s")
