import secrets
from collections.abc import Callable

import pytest

from shared.testing.figures import FIGURES
from tests.model.clock import JANUARY_31
from tests.model.living import live
from tests.model.paths import PATHS, walk
from tests.model.stage import Stage

STEPS, STEPS_TO_PROVE = 3_000, 18_000
FIRST_SEED = 1
Tell = Callable[[str, object], None]


@pytest.mark.timeout(1200)
def test_whatever_happens_nobody_is_charged_twice_and_nothing_is_lost(
    stage: Stage, record_property: Tell
) -> None:
    require_lives(stage, STEPS, FIRST_SEED, record_property)


@pytest.mark.prove
@pytest.mark.timeout(5400)
def test_nor_in_lives_that_nobody_has_seen_before(stage: Stage, record_property: Tell) -> None:
    require_lives(stage, STEPS_TO_PROVE, secrets.randbelow(10**9), record_property)


def require_lives(stage: Stage, steps: int, seed: int, tell: Tell) -> None:
    """First the lives written by hand, so that the seldom edges are among those taken."""
    try:
        for path in PATHS.values():
            stage.run(stage.begin_anew(JANUARY_31))
            stage.run(walk(stage, path))
        live(stage, steps, seed)
    finally:
        tell(FIGURES, f"seed {seed}\n{stage.figures()}\n{stage.coverage.table()}")

    assert stage.coverage.moves.total() >= steps
    assert stage.coverage.missing == []
