"""Takes the testing kit in and says which tests may run side by side."""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "shared.testing.proof",
    "shared.testing.figures",
    "shared.testing.kafka",
    "shared.testing.postgres",
]
STORIES = "tests/system/"
MAKE_UP = "tests/system/test_make_up.py"
LIVES = "tests/model/test_lives.py"


class FilesStayTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types for it
    """A file's tests share one worker, and all stories share one, with their platform."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesStayTogether:
    return FilesStayTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin, lest one worker ends long after the other; the rest in its own order."""
    longest = [MAKE_UP, STORIES, LIVES]
    items.sort(key=lambda item: [*longest, _group(item.nodeid)].index(_group(item.nodeid)))


def _group(nodeid: str) -> str:
    file = Path(nodeid.partition("::")[0]).as_posix()
    return STORIES if file.startswith(STORIES) and file != MAKE_UP else file
