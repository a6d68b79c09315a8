"""Takes the testing kit in and says which tests may run side by side."""

from pathlib import Path

import pytest

pytest_plugins = ["shared.testing.proof", "shared.testing.kafka", "shared.testing.postgres"]
ROOT = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share one worker; all stories share one platform, and the longest begin."""
    items.sort(key=_rank)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    name = item.path.relative_to(ROOT).as_posix()
    return "stories" if name.startswith("system/") and "make_up" not in name else name


def _rank(item: pytest.Item) -> int:
    """Make up, the stories, then the rest in its own order."""
    if not item.path.relative_to(ROOT).as_posix().startswith("system/"):
        return 2
    return int(_group(item) == "stories")
