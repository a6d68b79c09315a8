"""Business code is told what time it is; neither Python's nor the database's clock is read there.

A wall clock in a rule makes a sandbox's years unrepeatable: the partner's clock says noon of 1 March,
and the server's says today.
"""

import ast
import re

import pytest

from tests.architecture.tree import name, python_files, strings, tree

FILES = python_files("services")
SQL_CLOCK = re.compile(
    r"(?<![\w.])(?:now|(?:clock|statement|transaction)_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_(?:timestamp|date|time)|localtime(?:stamp)?)\b"
    r"|'(?:now|today|tomorrow|yesterday)'",
    re.IGNORECASE,
)
CLOCKS = {"datetime", "date", "time"}
READINGS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}


def test_no_statement_reads_the_databases_clock() -> None:
    assert [
        f"{name(file)}:{line}"
        for file in FILES
        for line, said in strings(file)
        if SQL_CLOCK.search(said)
    ] == []


def test_no_line_reads_the_systems_clock() -> None:
    assert [
        f"{name(file)}:{node.lineno}"
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute)
        and node.attr in READINGS
        and isinstance(node.value, ast.Name)
        and node.value.id in CLOCKS
    ] == []


@pytest.mark.parametrize(
    "statement",
    [
        "update t set at = now()",
        "select * from t where due_at <= CURRENT_TIMESTAMP",
        "insert into t values (clock_timestamp ( ))",
        "select date 'today'",
    ],
)
def test_a_clock_in_a_statement_is_seen(statement: str) -> None:
    assert SQL_CLOCK.search(statement)


@pytest.mark.parametrize(
    "statement", ["select now from clocks", "update t set known_at = $1", "where c.now() is null"]
)
def test_a_column_of_that_name_is_no_clock(statement: str) -> None:
    assert not SQL_CLOCK.search(statement)
