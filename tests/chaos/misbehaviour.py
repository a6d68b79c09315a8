"""What the stand-ins are told to do while a fault of the outside lasts."""

from typing import Any

import httpx2

from tests.chaos.world import World

Rules = list[dict[str, Any]]


def _sometimes(do: str, part: float, seed: int, operation: str = "", **more: Any) -> dict[str, Any]:
    match: dict[str, Any] = {"probability": part, "seed": seed}
    if operation:
        match["operation"] = operation
    return {"match": match, "do": do, **more}


def rules_of(what: str, seed: int) -> Rules:
    match what:
        case "gateway unknown":
            return [
                _sometimes("timeout_after", 0.12, seed, "charge", seconds=3),
                _sometimes("timeout_before", 0.10, seed + 1, "charge", seconds=3),
                _sometimes("error_after", 0.10, seed + 2, "charge"),
                _sometimes("late", 0.08, seed + 3, "charge"),
                _sometimes("error_after", 0.20, seed + 4, "refund"),
                _sometimes("webhook_twice", 0.2, seed + 5),
                _sometimes("no_webhook", 0.2, seed + 6),
            ]
        case "panel fails":
            return [
                _sometimes("error", 0.3, seed),
                _sometimes("error_after", 0.3, seed + 1),
                _sometimes("timeout_after", 0.05, seed + 2, seconds=3),
            ]
        case _:
            return [
                _sometimes("drop_after", 0.35, seed),
                _sometimes("temporary", 0.1, seed + 1),
                _sometimes("drop_before", 0.1, seed + 2),
            ]


def begin(url: str, rules: Rules) -> None:
    httpx2.post(f"{url}/control/rules", json=rules, timeout=20).raise_for_status()


def end(url: str) -> dict[str, int]:
    """How often each rule has struck; what is not an answer leaves its outcome unknown."""
    rules = httpx2.get(f"{url}/control/rules", timeout=20).json()["rules"]
    httpx2.delete(f"{url}/control/rules", timeout=20).raise_for_status()
    return {
        f"{each['do']} {each['match'].get('operation', '')}".strip(): each["hits"] for each in rules
    }


def url_of(world: World, target: str) -> str:
    return {"gateway": world.gateway, "panel": world.panel, "mailbox": world.mailbox}[target]
