import pytest

from tests.model.clock import JANUARY_31
from tests.model.paths import walk, walk_blindly
from tests.model.planted import PASSING, PLANTED, Plant
from tests.model.stage import Broken, Stage

WITHOUT = {plant.fault.__name__: plant for plant in (*PLANTED, *PASSING)}
WHILE = {plant.fault.__name__: plant for plant in PASSING}


@pytest.mark.parametrize("plant", WITHOUT.values(), ids=WITHOUT)
def test_a_fault_that_a_programmer_might_make_is_found(
    plant: Plant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.fault(monkeypatch)
    stage.run(stage.begin_anew(JANUARY_31))

    with pytest.raises(Broken):
        stage.run(walk(stage, plant.life))

    assert [each for each in stage.found if each.startswith(plant.breaks)], stage.found


@pytest.mark.parametrize("plant", WHILE.values(), ids=WHILE)
def test_one_that_leaves_nothing_behind_is_not_found_by_a_look_at_rest(
    plant: Plant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.fault(monkeypatch)
    stage.run(stage.begin_anew(JANUARY_31))

    assert stage.run(walk_blindly(stage, plant.life)) == []


@pytest.mark.parametrize("plant", WITHOUT.values(), ids=WITHOUT)
def test_where_nobody_made_that_fault_nothing_is_found(plant: Plant, stage: Stage) -> None:
    stage.run(stage.begin_anew(JANUARY_31))
    stage.run(walk(stage, plant.life))

    assert stage.found == []
