"""Fixtures of the billing tests: the service over an emptied database, and the gateway."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.postgres import drop_database, make_database
from shared.migrations import upgrade
from shared.testing.postgres import Postgres
from tests.integration.billing.story import Story
from tests.integration.billing.world import Billing, running
from tests.standins.running import StandIn


@pytest.fixture(scope="session")
def one_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    gateway = StandIn.started("gateway", tmp_path_factory.mktemp("gateway") / "ledger")
    yield gateway
    gateway.kill()


@pytest.fixture(scope="session")
async def one_database(postgres: Postgres) -> AsyncIterator[str]:
    name = f"billing_{secrets.token_hex(6)}"
    url = await make_database(postgres.url, name)
    await upgrade(url, "billing")
    yield url
    await drop_database(postgres.url, name)


@pytest.fixture
async def billing(one_database: str, one_gateway: StandIn) -> AsyncIterator[Billing]:
    """The service as on its first day."""
    one_gateway.http.delete("/control/rules")
    async with running(one_database, one_gateway, anew=True) as service:
        yield service


@pytest.fixture
def story(billing: Billing) -> Story:
    return Story(billing)
