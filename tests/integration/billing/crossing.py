"""A word and a charge that cross: the moment at which the word is heard, and how all of it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.integration.billing.story import Story

Step = Callable[[], Awaitable[object]]
Answers = list[tuple[Any, list[tuple[Any, Any]]]]


class Heard(StrEnum):
    """How far the charge has come when the word is heard."""

    BEFORE = "before the charge"
    UNSENT = "before it is sent"
    UNANSWERED = "before it is answered"
    AFTER = "after the charge"


CROSSING = [Heard.UNSENT, Heard.UNANSWERED, Heard.AFTER]


@dataclass(frozen=True)
class End:
    """What is left when everything is at rest. `tries` are those that are still to come."""

    taken: int
    owed: int = 0
    under_way: int = 0
    tries: int = 0
    standing: str = "current"


async def cross(story: Story, heard: Heard, charge: Step, word: Step) -> None:
    if heard is Heard.BEFORE:
        await word()
    await story.billing.pause()
    await charge()
    if heard is Heard.UNSENT:
        await word()
    answers = await asked(story)
    if heard is Heard.UNANSWERED:
        await word()
    await hear_answers(answers)
    story.billing.go_on()
    await story.billing.run()
    if heard is Heard.AFTER:
        await word()


async def asked(story: Story) -> Answers:
    """The gateway has done what it was asked for, and we have not heard of it."""
    found: Answers = []
    for loop in story.billing.service.intents:
        if loop.name in {"charges", "verifications"}:
            claimed = await loop._claim(8)  # noqa: SLF001  the loop itself leaves no room between
            calls = [(each, await loop._perform(each)) for each in claimed]  # noqa: SLF001
            found.append((loop, calls))
    return found


async def hear_answers(answers: Answers) -> None:
    for loop, calls in answers:
        await loop._settle(calls)  # noqa: SLF001


async def end_of(story: Story) -> End:
    """The books agree with the gateway's own, or there is no end to speak of."""
    taken = story.taken()
    assert (await story.billing.balances()).get("gateway_clearing", 0) == taken
    contracts = await story.billing.rows("select * from contracts")
    attempts = [each["state"] for each in await story.attempts()]
    tries = await story.billing.rows(
        "select 1 from timers where kind in ('retry', 'grace_ends') and fired_at is null"
    )
    return End(
        taken=taken,
        owed=sum(each["status"] == "open" for each in await story.invoices()),
        under_way=sum(each in {"created", "sent", "unknown", "needs_review"} for each in attempts),
        tries=len(tries),
        standing=contracts[0]["standing"] if contracts else "current",
    )
