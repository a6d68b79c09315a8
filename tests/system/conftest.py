"""The platform as real processes on a real broker, with the stand-ins for what is outside."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from deploy.kafka.broker import KafkaProcess
from deploy.platform import Platform, Ports, Secrets
from deploy.topics import declared_topics, make_topics
from shared.testing.kafka import Kafka
from shared.testing.postgres import Postgres
from shared.testing.server_directory import server_directory
from tests.system.provider import Provider

SHIFT = int(os.environ.get("PERENNIAL_PORT_SHIFT", "10000"))


@pytest.fixture(scope="package")
def platform(kafka: Kafka, postgres: Postgres) -> Iterator[Platform]:
    """One platform for all stories: each of them makes a partner of its own.

    It has a broker of its own beside the shared one, whose topics other tests remove.
    """
    del kafka
    with ExitStack() as afterwards:
        broker = KafkaProcess(afterwards.enter_context(server_directory()))
        afterwards.callback(broker.stop)
        broker.start()
        asyncio.run(
            make_topics(declared_topics(partitions=4, replication=1), bootstrap=broker.bootstrap)
        )
        running = Platform(
            afterwards.enter_context(server_directory()),
            postgres.url,
            broker.bootstrap,
            Ports.usual(SHIFT),
            Secrets.made(),
            embedded=False,
            # What a killed process was calling is asked again soon.
            overrides={"PERENNIAL_BILLING__LEASE_SECONDS": "10"},
        )
        afterwards.callback(running.stop)
        asyncio.run(running.prepare())
        running.start()
        yield running


@pytest.fixture
async def provider(platform: Platform) -> "Iterator[Provider]":  # type: ignore[misc]
    """A sandbox partner who sells television, with his shop and a clock of his own."""
    found = await Provider.founded(platform)
    yield found
    await found.close()
