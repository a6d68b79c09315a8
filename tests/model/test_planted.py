import pytest

from tests.model.clock import JANUARY_31
from tests.model.paths import walk
from tests.model.planted import PLANTED, Plant
from tests.model.stage import Broken, Stage

WITHOUT = {plant.fault.__name__: plant for plant in PLANTED}


@pytest.mark.parametrize("plant", WITHOUT.values(), ids=WITHOUT)
def test_a_fault_that_a_programmer_might_make_is_found(
    plant: Plant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.fault(monkeypatch)
    stage.run(stage.begin_anew(JANUARY_31))

    with pytest.raises(Broken):
        stage.run(walk(stage, plant.life))

    assert [each for each in stage.found if each.startswith(plant.breaks)], stage.found


@pytest.mark.parametrize("plant", WITHOUT.values(), ids=WITHOUT)
def test_where_nobody_made_that_fault_nothing_is_found(plant: Plant, stage: Stage) -> None:
    stage.run(stage.begin_anew(JANUARY_31))
    stage.run(walk(stage, plant.life))

    assert stage.found == []
