"""Kafka for tests: whichever broker this machine can offer, and topics of a test's own.

In this order: the one that KAFKA_BOOTSTRAP names, a container where an engine and the image are
here already, a process of this machine. Without any the tests that need one are skipped, or fail
where PERENNIAL_REQUIRE_KAFKA is 1.
"""

import os
import secrets
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.broker import EmbeddedBroker
from deploy.kafka.broker import KafkaProcess, KafkaUnavailable
from deploy.topics import Topic, make_topics
from shared.testing.kafka_container import KafkaContainer, image_here
from shared.testing.proof import NO_KAFKA, PROOF
from shared.testing.server_directory import server_directory

PARTITIONS = 4


class Kafka(Protocol):
    """A broker that tests may use; the methods block."""

    bootstrap: str
    version: str

    def start(self) -> None:
        """Start it, with the data it had, on the port it had; returns when it serves."""

    def stop(self) -> None:
        """End it in order."""

    def kill(self) -> None:
        """End it at once, as a crash would."""


class GivenKafka:
    """A broker that runs already and is not ours to end."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.version = "of KAFKA_BOOTSTRAP"

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It goes on running."""

    def kill(self) -> None:
        raise RuntimeError("the broker of KAFKA_BOOTSTRAP is not ours to kill: use breakable_kafka")


class Topics:
    """Makes topics for one test and removes them after it."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._made: list[str] = []

    async def unique(self, name: str = "topic", *, partitions: int = PARTITIONS) -> str:
        """A new empty topic whose name no other test has."""
        (made,) = await self.named([f"{name}.{secrets.token_hex(6)}"], partitions=partitions)
        return made

    async def named(self, names: Collection[str], *, partitions: int = PARTITIONS) -> list[str]:
        """Topics of exactly these names, empty, even where an earlier test left some."""
        await self._remove(names)
        topics = [Topic(name, partitions) for name in names]
        await make_topics(topics, bootstrap=self._bootstrap)
        self._made += names
        return list(names)

    async def remove_all(self) -> None:
        await self._remove(self._made)

    async def _remove(self, names: Collection[str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            if there := sorted(set(names) & set(await admin.list_topics())):
                await admin.delete_topics(there)
        finally:
            await admin.close()


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[Kafka]:
    """The broker of this run. All tests share it, so none may stop it."""
    given = os.environ.get("KAFKA_BOOTSTRAP")
    with _running(pytestconfig, GivenKafka(given) if given else None) as broker:
        yield broker


@pytest.fixture
def breakable_kafka(pytestconfig: pytest.Config) -> Iterator[Kafka]:
    """A broker of this one test, which may stop, kill and start it."""
    with _running(pytestconfig) as broker:
        yield broker


@pytest.fixture
async def topics(kafka: Kafka) -> AsyncIterator[Topics]:
    """Topics on the broker of this run."""
    made = Topics(kafka.bootstrap)
    yield made
    await made.remove_all()


@pytest.fixture(scope="session")
def embedded_kafka() -> Iterator[str]:
    """The bootstrap address of the broker of embedded mode; a topic is there once it is named."""
    broker = EmbeddedBroker()
    yield broker.bootstrap
    broker.stop()


@contextmanager
def _running(config: pytest.Config, given: Kafka | None = None) -> Iterator[Kafka]:
    with ExitStack() as afterwards:
        try:
            broker = given or _found(afterwards)
            afterwards.callback(broker.stop)
            broker.start()
        except KafkaUnavailable as missing:
            if os.environ.get("PERENNIAL_REQUIRE_KAFKA") == "1":
                pytest.fail(f"{NO_KAFKA}{missing}; PERENNIAL_REQUIRE_KAFKA demands one")
            pytest.skip(f"{NO_KAFKA}{missing}")
        config.stash[PROOF].brokers.add(f"{broker.version} ({broker.bootstrap})")
        yield broker


def _found(afterwards: ExitStack) -> Kafka:
    if (image := image_here()) is None:
        return KafkaProcess(afterwards.enter_context(server_directory()))
    container = KafkaContainer(image)
    afterwards.callback(container.remove)
    return container
