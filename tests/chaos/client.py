"""A partner's own program at the HTTP APIs: it repeats a request until it hears an answer."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx2

PAUSE_SECONDS = 0.5
# Longer than a key stays taken whose request died with its process.
PATIENCE = 90.0
NOT_NOW = {401, 429}


class Heard(NamedTuple):
    """`outcome`: accepted, refused, or unknown where it may have been carried out unheard."""

    outcome: str
    body: dict[str, Any]


class Client:
    """Every change has a key, under which it is asked for again."""

    def __init__(
        self, urls: Mapping[str, str], api_key: str, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._urls = urls
        headers = {"authorization": f"Bearer {api_key}"}
        self._http = httpx2.Client(timeout=10, headers=headers, transport=transport)

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
        patience: float = PATIENCE,
    ) -> Heard:
        """A refusal that another moment may lift (a key not heard of yet) is asked again, too."""
        deadline, in_doubt = time.monotonic() + patience, False
        while True:
            try:
                answer = self._http.request(
                    method,
                    f"{self._urls[service]}{path}",
                    json=body,
                    headers={"idempotency-key": key},
                )
            except httpx2.HTTPError:
                in_doubt = True
            else:
                if answer.is_success:
                    return Heard("accepted", answer.json() if answer.content else {})
                if answer.is_client_error and not _passes(answer):
                    return Heard("unknown" if in_doubt else "refused", answer.json())
                in_doubt |= answer.status_code not in NOT_NOW
            if time.monotonic() > deadline:
                return Heard("unknown" if in_doubt else "refused", {})
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


def _passes(refusal: httpx2.Response) -> bool:
    """One with `Retry-After` is of a request that is under way, or that met another."""
    return refusal.status_code in NOT_NOW or "retry-after" in refusal.headers
