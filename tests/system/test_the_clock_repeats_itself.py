"""One story told three times ends the same: alone, with a second replica of all, with a crash."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from deploy.demo.clock import ClockFailed, show
from deploy.platform import Platform
from tests.system.provider import Provider

DAY = timedelta(days=1)
CANCELING = datetime(2027, 2, 10, 9, tzinfo=UTC)
END = datetime(2027, 5, 5, 9, tzinfo=UTC)
# What the stand-in gateway does with a card stands in its name.
CARDS = {
    "pays": "pm_ok",
    "pays too": "pm_ok_2",
    "pays at the third try": "pm_fail_2",
    "never pays": "pm_decline",
    "cannot pay": "pm_hard",
    "leaves": "pm_ok_3",
}
TELLING = frozenset(
    {
        "status", "code", "kind", "amount_minor", "total_minor", "currency", "no", "start",
        "end", "attempt", "final", "template", "next_attempt_at", "grace_until", "ends_at",
        "next_boundary_at", "paid_through", "periods_opened", "due_at",
    }
)  # fmt: skip
Told: TypeAlias = dict[str, list[tuple[str, str, str]]]
Meanwhile: TypeAlias = Callable[[Provider], Coroutine[Any, Any, None]]


@pytest.mark.timeout(400)
async def test_a_story_repeats_itself_also_with_replicas_and_after_a_crash(
    platform: Platform,
) -> None:
    alone = await tell(platform, nothing)

    crashed = await tell(platform, kill_billing)
    platform.processes.start(platform.second_replicas())
    try:
        in_pairs = await tell(platform, nothing)
    finally:
        for each in platform.second_replicas():
            platform.processes.stop(each.name)

    assert {reference: len(facts) > 5 for reference, facts in alone.items()} == dict.fromkeys(
        CARDS, True
    )
    assert differences(alone, crashed) == []
    assert differences(alone, in_pairs) == []


async def nothing(provider: Provider) -> None:
    """The run without an accident."""


async def kill_billing(provider: Provider) -> None:
    """As `kill -9` does, in the middle of the renewals."""
    renewals = datetime(2027, 2, 27, 12, tzinfo=UTC)
    while await stands_before(provider, renewals):  # noqa: ASYNC110  it is told over HTTP only
        await asyncio.sleep(0.01)
    processes = provider.platform.processes
    await asyncio.to_thread(processes.kill, "billing")
    await asyncio.to_thread(processes.restart, "billing")


async def stands_before(provider: Provider, instant: datetime) -> bool:
    clock = await asyncio.to_thread(show, provider.api, provider.partner.clock_id)
    return datetime.fromisoformat(clock["now"]) < instant


async def tell(platform: Platform, meanwhile: Meanwhile) -> Told:
    provider = await Provider.founded(platform)
    for reference, card in CARDS.items():
        method = f"{card}_{provider.partner.id}_{reference.replace(' ', '_')}"
        body = await provider.captured(method, checkout_id=reference)
        await provider.publish(body)
    await provider.settle()
    await provider.move_to(CANCELING)
    await asyncio.to_thread(leave, provider)
    accident = asyncio.create_task(meanwhile(provider))
    await arrive(provider, END)
    await accident
    await provider.settle()
    await provider.close()
    return told(provider)


def leave(provider: Provider) -> None:
    [found] = [
        each
        for each in provider.api.every("subscriptions", "/v1/subscriptions")
        if each["checkout_reference"] == "leaves"
    ]
    body = {"at": "period_end", "reason": "moving abroad"}
    provider.api.post("subscriptions", f"/v1/subscriptions/{found['id']}/cancel", body)


async def arrive(provider: Provider, instant: datetime) -> None:
    """A crash may leave a call open until its lease ends, longer than the clock waits."""
    refused = None
    for _ in range(5):
        try:
            await provider.move_to(instant)
        except ClockFailed as error:
            refused = error
        else:
            return
    raise AssertionError(f"{instant} is never reached: {refused}")


def told(provider: Provider) -> Told:
    """By the checkout's own reference, without anything that names only this run."""
    names = {
        each.body["subscription"]["id"]: each.body["subscription"]["checkout_reference"]
        for each in provider.facts
        if each.type == "subscription.created"
    }
    found: defaultdict[str, set[tuple[str, str, str, str]]] = defaultdict(set)
    for each in provider.facts:
        subject = subscription_of(each.body)
        if subject in names:
            at = each.headers["ce_time"]
            found[names[subject]].add((at, each.type, str(sorted(telling(each.body))), each.id))
    return {name: sorted(each[:3] for each in facts) for name, facts in found.items()}


def subscription_of(body: dict[str, Any]) -> str | None:
    for part, key in (
        ("subscription", "id"),
        ("standing", "subscription_id"),
        ("message", "subscription_id"),
        ("checkout", "subscription_id"),
    ):
        name: str | None = (body.get(part) or {}).get(key)
        if name:
            return name
    return None


def differences(one: Told, other: Told) -> list[tuple[str, str, tuple[str, str, str]]]:
    """Each fact that stands on one side only, as often as it does."""
    found = []
    for reference in sorted(one.keys() | other.keys()):
        left, right = Counter(one.get(reference, [])), Counter(other.get(reference, []))
        found += [(reference, "missing", fact) for fact in (left - right).elements()]
        found += [(reference, "added", fact) for fact in (right - left).elements()]
    return found


def telling(body: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(body, dict):
        return [
            each
            for name, value in body.items()
            for each in (
                [(f"{path}.{name}", str(value))]
                if name in TELLING and not isinstance(value, dict | list)
                else telling(value, f"{path}.{name}")
            )
        ]
    if isinstance(body, list):
        return [each for value in body for each in telling(value, path)]
    return []
