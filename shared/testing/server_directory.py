"""Where a server of the tests keeps its data: a directory that no other test run touches."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server_directory() -> Iterator[Path]:
    """It is gone when the block ends; after a failure it stays, for the logs in it.

    Not below pytest's own temporary directories: every run tidies up those of the runs before
    it and sets their mode anew, and a server that runs as another user is then locked out.
    """
    directory = Path(tempfile.mkdtemp(prefix="perennial-"))
    yield directory
    shutil.rmtree(directory)
