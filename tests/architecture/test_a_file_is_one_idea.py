"""A file is short, says what it is, and is named after its idea."""

import ast
import re

from tests.architecture.tree import CODE, name, python_files, text, tree

MAX_LINES = 300
JUNK_DRAWER = re.compile("utils?|helpers?|common|misc|base|core|managers?|stuff")
FILES = python_files(*CODE, "tests")


def test_a_file_opens_with_its_idea() -> None:
    # Of a file of tests the names of the tests say it.
    owing = [file for file in FILES if text(file) and not file.stem.startswith("test_")]

    silent = [name(file) for file in owing if not ast.get_docstring(tree(file))]
    assert silent == [], "open with one sentence: the one idea of the file"


def test_a_file_can_be_read_in_minutes() -> None:
    lines = {name(file): len(text(file).splitlines()) for file in FILES}

    assert {file: n for file, n in lines.items() if n > MAX_LINES} == {}, "split by behaviour"


def test_there_are_no_junk_drawers() -> None:
    stems = {part for file in FILES for part in (file.stem, file.parent.name)}

    assert sorted(stem for stem in stems if JUNK_DRAWER.fullmatch(stem)) == []
