"""All that the replay needs on one machine, started in order and ended in order, come what may."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from deploy.kafka.broker import KafkaProcess
from deploy.platform import SERVICES, Platform, Ports, Secrets
from deploy.postgres import EmbeddedPostgres
from deploy.topics import declared_topics, make_topics

# One replica of each service reads them, and each partition asks for its share of every fetch.
PARTITIONS = 1


class MockRefused(Exception):
    """The broker keeps a few megabytes and drops the rest unread: nothing for bulk work."""


@dataclass(frozen=True)
class Running:
    """All that runs for the replay, and its process ids by name."""

    platform: Platform
    pids: Mapping[str, int]


@contextmanager
def everything(directory: Path) -> Iterator[Running]:
    """A broker, a database server, the stand-ins and the services; ended in order, come what may."""
    broker, postgres = _broker(directory), EmbeddedPostgres(directory / "postgres", durable=False)
    broker.start()
    postgres.start()
    platform = Platform(
        directory,
        postgres.url,
        broker.bootstrap,
        Ports.usual(int(os.environ.get("PERENNIAL_PORT_SHIFT", "0"))),
        Secrets.made(),
        embedded=False,
        # Each result is in the answer of its call already; to be told it twice is other tests' matter.
        webhooks=False,
    )
    try:
        asyncio.run(_prepare(platform))
        platform.start()
        yield Running(platform, _pids(platform, broker, directory))
    finally:
        platform.stop()
        postgres.stop()
        broker.stop()


async def _prepare(platform: Platform) -> None:
    topics = declared_topics(partitions=PARTITIONS, replication=1)
    await make_topics(topics, bootstrap=platform.bootstrap)
    await platform.prepare()


@dataclass(frozen=True)
class GivenBroker:
    """One that runs already and is not ours to end."""

    bootstrap: str
    pid: int | None = None

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It goes on running."""


def given_broker(bootstrap: str) -> GivenBroker:
    """
    Raises:
        MockRefused: it is the embedded mock of the first minute.
    """
    cluster = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10)
    if str(cluster.cluster_id).startswith("mockCluster"):
        raise MockRefused(
            f"{bootstrap} is the embedded mock, which drops records that nobody has read yet:"
            " give a real Kafka, or leave KAFKA_BOOTSTRAP out and run `make kafka`"
        )
    return GivenBroker(bootstrap)


def _broker(directory: Path) -> KafkaProcess | GivenBroker:
    told = os.environ.get("KAFKA_BOOTSTRAP")
    return given_broker(told) if told else KafkaProcess(directory / "kafka")


def _pids(
    platform: Platform, broker: KafkaProcess | GivenBroker, directory: Path
) -> dict[str, int]:
    postmaster = (directory / "postgres" / "postmaster.pid").read_text().split()[0]
    names = (*SERVICES, "gateway", "panel", "mailbox")
    pids = {name: platform.processes.pid(name) for name in names}
    return pids | {"PostgreSQL": int(postmaster)} | ({"Kafka": broker.pid} if broker.pid else {})
