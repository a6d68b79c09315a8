from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.model.living import live
from tests.model.planted import PLANTED
from tests.model.stage import Stage

STEPS = 700
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("plant", "invariant"), PLANTED, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_fault_that_a_programmer_might_make_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    invariant: str,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)

    # What Hypothesis makes of a failure depends on whether it happens again in the same way.
    with suppress(Exception):
        live(stage, STEPS, first_seed=1)

    assert [each for each in stage.found if each.startswith(invariant)], stage.found
