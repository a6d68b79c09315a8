"""The files of the project, and what a Python file says, as the rules look at them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("services", "shared", "deploy", "bench")
# The order of construction ends with all of these.
PLANNED = {"customers", "subscriptions", "billing", "notifier"}


def python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    """How a test calls a file."""
    return path.relative_to(ROOT).as_posix()


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(file: Path) -> set[str]:
    """Dotted names of all that `file` imports: the modules, and the names taken from them."""
    names: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def strings(file: Path) -> list[tuple[int, str]]:
    """The text of every string with its line, documentation aside."""
    documentation = {id(text) for node in ast.walk(tree(file)) for text in _documentation(node)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
    ]


def _documentation(node: ast.AST) -> list[ast.AST]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, kinds) and ast.get_docstring(node) is not None:
        return list(ast.iter_child_nodes(node.body[0]))
    return []


@cache
def kept_files() -> list[Path]:
    """What git keeps or would keep; without git, what is not in a hidden folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    kept = {ROOT / each for each in listed.stdout.split("\0") if each} or set(_without_git())
    return sorted(file for file in kept if file.is_file())


def _without_git() -> Iterator[Path]:
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if "__pycache__" not in parts and not any(part.startswith(".") for part in parts[:-1]):
            yield file


@cache
def text(file: Path) -> str:
    """What a person could read in it."""
    return file.read_text(encoding="utf-8", errors="ignore")
