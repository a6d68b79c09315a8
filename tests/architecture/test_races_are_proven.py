"""The table of races in docs/reliability.md names every rule, and tests that are there."""

import ast
import re

from tests.architecture.tree import ROOT, text, tree

PAGE = ROOT / "docs" / "reliability.md"
TESTS = ROOT / "tests"
RULES = [*(f"rule {n}" for n in range(1, 10)), "B3.6", *(f"B10.{n}" for n in range(1, 13))]
NOT_BUILT = "not built"


def rows() -> list[list[str]]:
    """The cells of the table: race, rules, two orders, same end, tests."""
    _, _, section = text(PAGE).partition("\n## Races\n")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+::[^`]+)`", cell)


def exists(test: str) -> bool:
    path, _, function = test.partition("::")
    file = TESTS / path
    return file.is_file() and any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in tree(file).body
    )


def test_every_test_that_is_named_exists() -> None:
    assert [test for row in rows() for test in named(row[4]) if not exists(test)] == []


def test_every_race_has_a_test_or_is_of_something_that_is_not_built() -> None:
    assert [row[0] for row in rows() if not named(row[4]) and NOT_BUILT not in row[4]] == []


def test_every_rule_that_is_there_for_a_race_has_its_race() -> None:
    told = {rule.strip() for row in rows() for rule in row[1].split(",")}

    assert [rule for rule in RULES if rule not in told] == []
