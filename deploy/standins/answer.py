"""What becomes of an answer on its way back: it comes, comes late, is an error, or is never heard."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from deploy.standins.rules import RuleOrder

# Longer than any sensible client waits.
HELD = 12.0
USUAL_SECONDS = {"timeout_before": HELD, "timeout_after": HELD, "slow": 3.0, "late": 2.0}
WORST_FIRST = ("timeout_before", "timeout_after", "late", "error", "error_after", "slow", "plain")
ANSWER_DEEDS = ("timeout_before", "timeout_after", "error", "error_after", "slow")


@dataclass(frozen=True)
class Answer:
    """`seconds`: how long it is held, or is slow, or what it tells of stays hidden."""

    kind: str = "plain"
    seconds: float = 0.0

    @classmethod
    def of(cls, kind: str, seconds: float | None = None) -> "Answer":
        return cls(kind, USUAL_SECONDS.get(kind, 0.0) if seconds is None else seconds)

    @classmethod
    def by_rule(cls, rule: RuleOrder) -> "Answer":
        return cls.of(rule.do, rule.seconds)

    @property
    def prevents(self) -> bool:
        """Nothing is done at all."""
        return self.kind in {"timeout_before", "error"}

    @property
    def is_heard(self) -> bool:
        return self.kind in {"plain", "slow"}


PLAIN = Answer()


def worst(answers: list[Answer]) -> Answer:
    """What a set of calls in one request is answered with."""
    return min(answers, key=lambda each: (WORST_FIRST.index(each.kind), -each.seconds))


async def send(request: Request, answer: Answer, response: Response) -> Response:
    """Call it last: what was done is written by now."""
    if answer.kind in {"timeout_before", "timeout_after", "slow"}:
        # A stand-in that stops cancels those it holds: then it is over at once.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(answer.seconds)
    if answer.is_heard:
        return response
    if answer.kind not in {"error", "error_after"}:
        # Without a transport (see server.py) there is nothing to break: let it be loud.
        request.scope["perennial.transport"].abort()
        await asyncio.sleep(0)
    return JSONResponse({"error": "internal"}, 500)
