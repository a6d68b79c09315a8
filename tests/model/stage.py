"""One world for many lives: what was covered, what befell it, and the figures of a run."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any, TypeVar

import pytest
import uvloop

from tests.model.agreement import Agreement
from tests.model.at_rest import MoneyAtRest
from tests.model.coverage import Coverage
from tests.model.flow import Flow
from tests.model.laws import Laws
from tests.model.moves import Moves
from tests.model.story import Story
from tests.model.world import World, standing

T = TypeVar("T")


class Broken(AssertionError):
    """What must hold does not; every line names it."""


class Stage:
    def __init__(self, runner: "asyncio.Runner", world: World) -> None:
        self.world = world
        self.flow = Flow(world)
        self.moves = Moves(self.flow)
        self.forget_figures()
        self._runner = runner
        self.run(self._open_shop())

    def forget_figures(self) -> None:
        """`found` is all that was ever wrong."""
        self.coverage = Coverage()
        self.found: list[str] = []
        self.lives = 0
        self._look_from_now_on()
        for process in self.world.processes.values():
            process.forget_figures()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _open_shop(self) -> None:
        """Once: every life begins in it."""
        await self.moves.open_shop()
        await self.world.keep()

    async def begin_anew(self, at: datetime) -> None:
        self.lives += 1
        self.moves.begin_anew()
        await self.world.begin_anew(at)
        self._look_from_now_on()

    def _look_from_now_on(self) -> None:
        self.story = Story(self.world, self.coverage)
        self.laws = Laws(self.world, self.story)

    async def require_the_laws(self) -> None:
        await self.story.read()
        self._require([*self.story.say_what_is_wrong(), *await self.laws.broken()])

    async def require_agreement(self, chance: Random) -> None:
        """Everything comes to rest, and then the books, the copies and the outside agree."""
        await self.flow.rest(chance)
        await self.require_the_laws()
        self._require(await self.disagreements())

    async def disagreements(self) -> list[str]:
        """At rest, where there must be none."""
        money = MoneyAtRest(self.world, self.story)
        agreement = Agreement(self.world, self.story, self.moves)
        return [*await money.broken(), *await agreement.broken()]

    def _require(self, broken: list[str]) -> None:
        self.found += broken
        if broken:
            raise Broken("\n".join(broken))

    def figures(self) -> str:
        processes = self.world.processes.values()
        faults = sum((each.trouble.met for each in processes), Counter[Any]())
        told = {
            "lives": self.lives,
            "steps": self.coverage.moves.total(),
            "commits": sum(each.trouble.commits for each in processes),
            "delivered": sum(each.reader.delivered for each in processes),
            "repeated": sum(each.reader.repeated for each in processes),
            "processes begun anew": sum(each.crashes for each in processes),
            **{name.value: n for name, n in sorted(faults.items())},
        }
        return "\n".join(f"{n:>8} {name}" for name, n in told.items())


@contextmanager
def a_stage(admin_url: str) -> Iterator[Stage]:
    """In a loop of its own: Hypothesis knows of none."""
    with (
        pytest.MonkeyPatch.context() as patch,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        # The faults are ours, and what the services say of them would fill pages.
        logging.disable(logging.CRITICAL)
        standing_world = standing(admin_url, patch)
        world = runner.run(standing_world.__aenter__())
        try:
            yield Stage(runner, world)
        finally:
            runner.run(standing_world.__aexit__(None, None, None))
            logging.disable(logging.NOTSET)
