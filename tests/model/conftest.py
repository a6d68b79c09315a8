"""One stage for the tests of a file: to set it up takes longer than a life. Its clock is everybody's,
so it must be gone before other tests run.
"""

from collections.abc import Iterator

import pytest

from shared.testing.postgres import Postgres
from tests.model.stage import Stage, a_stage


@pytest.fixture(scope="module")
def one_stage(postgres: Postgres) -> Iterator[Stage]:
    with a_stage(postgres.url) as stage:
        yield stage


@pytest.fixture
def stage(one_stage: Stage) -> Stage:
    """Nothing is counted yet."""
    one_stage.forget_figures()
    return one_stage
