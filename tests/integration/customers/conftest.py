"""Fixtures of the customers tests: the service over an empty database, and a partner with a shop."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.customers.platform import Customers, Partner, running


@pytest.fixture
async def customers(database_url: str) -> AsyncIterator[Customers]:
    async with running(database_url) as service:
        yield service


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
