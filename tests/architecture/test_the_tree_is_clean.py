"""What is kept works for everyone: no machine's paths, no registry's address, nothing unfinished."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, kept_files, name, text

# Put together here, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE = re.compile(r"(?<![\w.$}/-])/(?:work|root|Users|home/(?!app\b)\w+)/[A-Za-z.]")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|repo\.maven|repo1\.maven|/maven2|proxy\.golang"
    r"|deb\.debian|crates\.io|unpkg\.com|jsdelivr|cdnjs|/simple/"
)
KEPT = [file for file in kept_files() if file != Path(__file__)]
PYTHON = [file for file in KEPT if file.suffix == ".py"]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
BUILT = {".jar", ".whl", ".pyc", ".so", ".min.js", ".min.css"}


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{name(file)}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(text(file).splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_left_unfinished() -> None:
    assert found(UNFINISHED, PYTHON) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert found(MACHINE, KEPT) == []


def test_no_file_names_a_registry() -> None:
    assert found(REGISTRY, KEPT) == []


def test_nothing_built_is_kept() -> None:
    assert [name(file) for file in KEPT if BUILT & {file.suffix, "".join(file.suffixes[-2:])}] == []


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_pins_every_package_with_hashes_and_names_no_host(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", text(lock)).strip())

    assert [entry for entry in entries if not is_pinned(entry)] == []
    assert "://" not in text(lock)
    assert "--index-url" not in text(lock)


def is_pinned(entry: str) -> bool:
    pinned = re.match(r"[\w.\[\],-]+==\S+", entry)
    return bool(pinned) and "--hash=sha256:" in entry


def test_there_is_a_lock_for_running_for_embedded_mode_and_for_tests() -> None:
    assert {lock.stem for lock in LOCKS} == {
        "requirements",
        "requirements-embedded",
        "requirements-test",
    }
