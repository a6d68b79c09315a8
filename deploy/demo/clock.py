"""A sandbox's test clock as its owner moves it, over the public API."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from deploy.demo.api import Api

PATIENCE = 600
LOOK_EVERY_SECONDS = 0.05


class ClockFailed(Exception):
    """The clock stands still; the message names the service and what it waits for."""


def advance(
    api: Api,
    clock_id: str,
    to: datetime,
    tell: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """Until all that happens up to `to` has happened; at the present that is what is under way.

    `tell` is handed the clock whenever it has moved.

    Raises:
        ClockFailed: something stands in its way; after the repair, advance it again.
    """
    api.post("customers", f"/v1/test_clocks/{clock_id}/advance", {"to": to.isoformat()})
    clock = arrived(api, clock_id, tell)
    if clock["status"] == "failed":
        failure = clock["failure"]
        raise ClockFailed(f"{failure['service']}: {'; '.join(failure['items'])}")
    return clock


def arrived(
    api: Api, clock_id: str, tell: Callable[[dict[str, Any]], None] = lambda _: None
) -> dict[str, Any]:
    """The clock once it is no longer on its way, wherever it was sent.

    Raises:
        ClockFailed: it is on its way for very long.
    """
    deadline, before = time.monotonic() + PATIENCE, ""
    while True:
        clock = show(api, clock_id)
        if clock["now"] != before:
            before = clock["now"]
            tell(clock)
        if clock["status"] != "advancing":
            return clock
        if time.monotonic() > deadline:
            raise ClockFailed(f"the clock is still on its way after {PATIENCE} s: {clock}")
        time.sleep(LOOK_EVERY_SECONDS)


def show(api: Api, clock_id: str) -> dict[str, Any]:
    return api.get("customers", f"/v1/test_clocks/{clock_id}")
