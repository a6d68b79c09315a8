"""When is nothing left to do? As seen from outside: two equal looks in a row, all counts zero."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx2

ZERO = ("outbox_pending", "lag", "timers_due", "open_effects", "held", "parked")


class Restless(Exception):
    """Work was left when patience ran out; the message names the service and the count."""


class Lookout:
    """Watches the operational ports of the services."""

    def __init__(self, ops_urls: Mapping[str, str]) -> None:
        self._urls = ops_urls
        self._http = httpx2.Client(timeout=10)

    def close(self) -> None:
        self._http.close()

    def wait(self, partner_id: str, now: datetime | None, patience: float = 120) -> datetime | None:
        """Until all services stand at `now` and are idle.

        Returns:
            When the next timer of this partner is due; None if there is none.

        Raises:
            Restless: something was still under way after `patience` seconds.
        """
        deadline, before = time.monotonic() + patience, None
        while time.monotonic() < deadline:
            looks = self._look()
            if looks is None:
                time.sleep(0.1)
                continue
            left = _left(looks, partner_id, now)
            counters = [(each["last_seq"], each["taken"]) for each in looks]
            if not left and counters == before:
                return _next_due(looks, partner_id)
            before = None if left else counters
            time.sleep(0.05 if not left else 0.02)
        raise Restless("; ".join(_left(self._look() or [], partner_id, now)) or "no answer")

    def _look(self) -> Sequence[dict[str, Any]] | None:
        try:
            return [
                self._http.get(f"{url}/status").raise_for_status().json()
                for url in self._urls.values()
            ]
        except httpx2.HTTPError:
            return None


def _left(looks: Sequence[dict[str, Any]], partner_id: str, now: datetime | None) -> list[str]:
    found = [f"{each['service']}: {each[n]} {n}" for each in looks for n in ZERO if each[n]]
    if now is not None:
        found += [
            f"{each['service']}: its clock is behind"
            for each in looks
            if _clock(each, partner_id).get("now", "") < now.strftime("%Y-%m-%dT%H:%M:%S")
        ]
    return found


def _next_due(looks: Sequence[dict[str, Any]], partner_id: str) -> datetime | None:
    due = [_clock(each, partner_id).get("next_due_at") for each in looks]
    return min((datetime.fromisoformat(each) for each in due if each), default=None)


def _clock(look: dict[str, Any], partner_id: str) -> dict[str, Any]:
    found = [each for each in look["clocks"] if each["partner_id"] == partner_id]
    return found[0] if found else {}
