"""A transaction begins and ends in one place, and nobody waits for the outside world within it.

A commit elsewhere parts a state from its event; a call to a gateway inside a transaction cannot be
rolled back, and holds locks for as long as the gateway takes.
"""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import name, python_files, tree

FILES = python_files("services")
ENDS = {"commit", "rollback"}
BEGINS = {"begin", "begin_batch"}
OUTSIDE = re.compile(r"\b_?(?:gateway|panel|mailer|smtp)s?\b", re.IGNORECASE)


def test_no_service_ends_a_transaction_by_itself() -> None:
    assert [
        f"{name(file)}:{node.lineno}"
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ENDS
    ] == []


def test_nobody_calls_outside_within_a_transaction() -> None:
    assert [
        f"{name(file)}:{line}"
        for file in FILES
        for line in calls_outside_within_a_transaction(tree(file))
    ] == []


def calls_outside_within_a_transaction(module: ast.Module) -> list[int]:
    return [
        awaited.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncWith) and any(begins(item) for item in node.items)
        for awaited in awaited_in(node)
        if OUTSIDE.search(called(awaited))
    ]


def begins(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in BEGINS
    )


def awaited_in(block: ast.AsyncWith) -> Iterator[ast.Call]:
    for node in ast.walk(block):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            yield node.value


def called(call: ast.Call) -> str:
    """The object asked, and what it is asked with: a gateway handed on is called there."""
    return " ".join(
        ast.unparse(part)
        for part in (call.func, *call.args, *(each.value for each in call.keywords))
    )


def test_a_call_within_a_transaction_is_seen() -> None:
    direct = "async def f():\n async with context.begin() as tx:\n  await context.gateway.charge(1)"
    handed_on = "async def f():\n async with context.begin() as tx:\n  await charge(1, gateway, tx)"

    assert calls_outside_within_a_transaction(ast.parse(direct)) == [3]
    assert calls_outside_within_a_transaction(ast.parse(handed_on)) == [3]


def test_a_call_after_a_transaction_is_fine() -> None:
    after = "async def f():\n async with context.begin() as tx:\n  pass\n await gateway.charge(1)"

    assert calls_outside_within_a_transaction(ast.parse(after)) == []
