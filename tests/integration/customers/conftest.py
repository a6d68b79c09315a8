"""Fixtures of the customers tests: the service over an emptied database, a partner with a shop."""

import secrets
from collections.abc import AsyncIterator

import pytest

from deploy.postgres import drop_database, make_database
from shared.migrations import upgrade
from shared.testing.postgres import Postgres
from tests.integration.customers.platform import Customers, Partner, running


@pytest.fixture(scope="session")
async def one_service(postgres: Postgres) -> AsyncIterator[Customers]:
    """Brought up once: a database and a process for each of so many tests would take minutes."""
    name = f"customers_{secrets.token_hex(6)}"
    url = await make_database(postgres.url, name)
    await upgrade(url, "customers")
    async with running(url) as service:
        yield service
    await drop_database(postgres.url, name)


@pytest.fixture
async def customers(one_service: Customers) -> Customers:
    """The service as on its first day."""
    await one_service.begin_anew()
    return one_service


@pytest.fixture
async def partner(customers: Customers) -> Partner:
    opened = await customers.partner()
    await customers.shop(opened)
    return opened


@pytest.fixture
def shop(customers: Customers, partner: Partner) -> Customers:
    """The service once a partner's shop may publish."""
    del partner
    return customers


@pytest.fixture
async def replica(customers: Customers) -> AsyncIterator[Customers]:
    """A second process on the same database."""
    async with running(customers.url) as second:
        yield second
