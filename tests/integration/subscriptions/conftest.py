"""Fixtures of the subscriptions tests: one panel and one process for a run, emptied for each test."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.postgres import drop_database, make_database
from shared.migrations import upgrade
from shared.testing.postgres import Postgres
from tests.integration.subscriptions.at_work import Subscriptions, running
from tests.integration.subscriptions.panel import Panel, running_panel


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    with running_panel(tmp_path_factory.mktemp("panel")) as one:
        yield one


@pytest.fixture(scope="session")
async def one_service(postgres: Postgres, panel: Panel) -> AsyncIterator[Subscriptions]:
    """Brought up once: a database and a process for each of so many tests would take minutes."""
    name = f"subscriptions_{secrets.token_hex(6)}"
    url = await make_database(postgres.url, name)
    await upgrade(url, "subscriptions")
    async with running(url, panel) as service:
        yield service
    await drop_database(postgres.url, name)


@pytest.fixture
async def subscriptions(one_service: Subscriptions) -> AsyncIterator[Subscriptions]:
    """The service of a shop that sells hosting; whatever a test did, the books must be honest."""
    await one_service.begin_anew()
    yield one_service
    await one_service.require_honest_books()


@pytest.fixture
async def replica(subscriptions: Subscriptions) -> AsyncIterator[Subscriptions]:
    """A second process on the same database."""
    async with running(subscriptions.url, subscriptions.panel) as second:
        yield second
