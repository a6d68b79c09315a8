"""After the faults: wait until every service says that nothing is left to do."""

import time
from typing import Any

import httpx2

from deploy.platform import SERVICES
from tests.chaos.world import World

TO_BE_ZERO = ("outbox_pending", "parked", "held", "timers_due", "open_effects", "lag")
QUIET_LOOKS = 3


def drain(world: World, patience: float) -> tuple[float, dict[str, Any]]:
    """Seconds until all was quiet, and what was not when patience ran out."""
    begun, quiet = time.monotonic(), 0
    while True:
        busy = _busy(world)
        quiet = 0 if busy else quiet + 1
        elapsed = time.monotonic() - begun
        if quiet == QUIET_LOOKS or elapsed > patience:
            return elapsed, busy
        time.sleep(1)


def _busy(world: World) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in SERVICES:
        try:
            status = httpx2.get(f"{world.platform.ops_url(name)}/status", timeout=10).json()
        except (httpx2.HTTPError, ValueError) as error:
            found[name] = repr(error)
            continue
        if left := {key: status[key] for key in TO_BE_ZERO if status[key]}:
            found[name] = left
    return found
