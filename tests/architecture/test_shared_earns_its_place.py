"""shared/ is for what two services need, one idea a file. This test is its doorman."""

from pathlib import Path

import pytest

from tests.architecture.tree import PLANNED, ROOT, dotted, imported, python_files

MODULES = [file for file in (ROOT / "shared").glob("*.py") if file.name != "__init__.py"]
SERVICES = sorted(file.parent for file in (ROOT / "services").glob("*/__init__.py"))
MISSING = sorted(PLANNED - {each.name for each in SERVICES if (each / "app.py").exists()})
# Needed by one service today and by a second one that is planned. An entry is struck when that
# one arrives; when it is given up, the module moves into the service that needs it.
ADMITTED_AHEAD: set[str] = set()


@pytest.mark.skipif(bool(MISSING), reason=f"who needs what shows when these are there: {MISSING}")
def test_a_shared_module_serves_two_services_or_another_shared_module() -> None:
    for_one = {file.stem for file in MODULES if not has_earned_its_place(file)}

    assert for_one - ADMITTED_AHEAD == set(), "one service needs it at most: move it there"
    assert ADMITTED_AHEAD - for_one == set(), "it has earned its place: strike it from the list"


def has_earned_its_place(module: Path) -> bool:
    users = [service for service in SERVICES if dotted(module) in imported_below(service)]
    neighbours = [
        other
        for other in python_files("shared", "deploy")
        if other != module and "testing" not in other.parts and dotted(module) in imported(other)
    ]
    return len(users) >= 2 or bool(neighbours)


def imported_below(folder: Path) -> set[str]:
    return set().union(*(imported(file) for file in folder.rglob("*.py")))


def test_shared_has_two_folders_only() -> None:
    folders = {path.name for path in (ROOT / "shared").iterdir() if path.is_dir()}

    assert folders - {"__pycache__"} == {"contracts", "testing"}
