"""Broker, database server, stand-ins and services of one run, all in one directory."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from typing_extensions import override

from deploy.kafka.broker import KafkaProcess
from deploy.platform import Platform, Ports, Secrets
from deploy.postgres import EmbeddedPostgres
from deploy.processes import Program
from deploy.topics import declared_topics, make_topics
from tests.chaos.planted.catalogue import BUGS

PARTITIONS = 2
# What is unknown is asked about in seconds here, so that a run ends with everything known.
IMPATIENT = {
    "PERENNIAL_BILLING__LEASE_SECONDS": "8",
    "PERENNIAL_BILLING__GATEWAY_READ_SECONDS": "2",
    "PERENNIAL_BILLING__GATEWAY_VISIBLE_AFTER_SECONDS": "3",
    "PERENNIAL_BILLING__LOOK_AFTER_SECONDS": "[1,2,3,5,5,5,5,5,5,5,5,5]",
}


@dataclass
class World:
    directory: Path
    broker: KafkaProcess
    postgres: EmbeddedPostgres
    platform: Platform

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.platform.ports.gateway}"

    @property
    def panel(self) -> str:
        return f"http://127.0.0.1:{self.platform.ports.panel}"

    @property
    def mailbox(self) -> str:
        return f"http://127.0.0.1:{self.platform.ports.mailbox}"


class Planted(Platform):
    """Services that a bug is meant for run with it."""

    def __init__(self, plant: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._plant = plant

    @override
    def services(self) -> Sequence[Program]:
        sick = BUGS[self._plant].services if self._plant else ()
        return [
            replace(each, module="tests.chaos.planted", arguments=(self._plant, each.name))
            if each.name in sick
            else each
            for each in super().services()
        ]


@contextmanager
def running(directory: Path, plant: str = "") -> Iterator[World]:
    """Everything is started and ready; everything is ended, whatever happens meanwhile."""
    shift = int(os.environ.get("PERENNIAL_PORT_SHIFT", "10000"))
    broker = KafkaProcess(directory / "kafka")
    postgres = EmbeddedPostgres(directory / "postgres")
    try:
        broker.start()
        postgres.start()
        topics = declared_topics(partitions=PARTITIONS, replication=1)
        asyncio.run(make_topics(topics, bootstrap=broker.bootstrap))
        platform = Planted(
            plant,
            directory,
            postgres.url,
            broker.bootstrap,
            Ports.usual(shift),
            Secrets.made(),
            embedded=False,
            overrides=IMPATIENT,
        )
        asyncio.run(platform.prepare())
        try:
            platform.start()
            yield World(directory, broker, postgres, platform)
        finally:
            platform.stop()
    finally:
        postgres.stop()
        broker.stop()
