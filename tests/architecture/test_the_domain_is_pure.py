"""A domain reads like the business: the standard library, itself, and four shared modules."""

import sys

from tests.architecture.tree import ROOT, imported, name

FILES = sorted((ROOT / "services").glob("*/domain/**/*.py"))
SHARED = ("shared.money", "shared.calendar", "shared.ids", "shared.errors")
# Pure too, but what they would be used for here is I/O or a clock.
UNWANTED = ("asyncio", "logging", "os", "socket", "sqlite3", "subprocess", "threading", "time")


def test_a_domain_imports_nothing_else() -> None:
    assert [
        f"{name(file)}: {each}"
        for file in FILES
        for each in sorted(imported(file))
        if not is_pure(each, f"services.{file.relative_to(ROOT / 'services').parts[0]}.domain")
    ] == []


def is_pure(module: str, own: str) -> bool:
    top = module.split(".", maxsplit=1)[0]
    if top in sys.stdlib_module_names:
        return top not in UNWANTED
    return any(module == each or module.startswith(f"{each}.") for each in (own, *SHARED))
