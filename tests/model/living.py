"""Runs lives until there are enough steps, from one seed on."""

from itertools import count

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.lives import Lives
from tests.model.stage import Stage

STEPS_A_LIFE = 50
LIVES_AT_A_TIME = 15


def live(stage: Stage, steps: int, first_seed: int, *, shrinks: bool = False) -> None:
    """At least so many. `shrinks`: what fails is made as short as it gets, which takes minutes."""
    told = settings(
        max_examples=LIVES_AT_A_TIME,
        stateful_step_count=STEPS_A_LIFE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
        report_multiple_bugs=False,
    )
    lasting = 0 if shrinks else STEPS_A_LIFE - 1
    for n in count(first_seed):
        lives = seed(n)(type("TheseLives", (Lives,), {"stage": stage}))
        run_state_machine_as_test(lives, settings=told, _min_steps=lasting)
        if stage.coverage.moves.total() >= steps:
            return
