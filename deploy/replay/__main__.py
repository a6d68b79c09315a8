"""`make replay-telco DATA=…`: start everything, replay the file, compare, and say what it took."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from confluent_kafka.admin import AdminClient

from deploy.demo.api import Api
from deploy.demo.clock import ClockFailed
from deploy.kafka.broker import KafkaProcess, KafkaUnavailable
from deploy.platform import SERVICES, Platform, Ports, Secrets
from deploy.postgres import EmbeddedPostgres
from deploy.processes import NotReady
from deploy.replay.comparison import differences, differing_totals
from deploy.replay.cost import machine, processor_seconds
from deploy.replay.customers import Customer, FileUnusable, read_customers
from deploy.replay.diary import Diary
from deploy.replay.expectation import expected, totals
from deploy.replay.figures import read_figures
from deploy.replay.provider import Provider
from deploy.replay.report import seconds, table, verdict
from deploy.replay.story import Story
from deploy.topics import declared_topics, make_topics

PARTITIONS = 4


class MockRefused(Exception):
    """The broker keeps a few megabytes and drops the rest unread: nothing for bulk work."""


def say(text: str) -> None:
    print(text, flush=True)


@dataclass(frozen=True)
class Running:
    """All that runs for the replay, and its process ids by name."""

    platform: Platform
    pids: Mapping[str, int]


def replay(customers: list[Customer], diary: Diary, running: Running) -> bool:
    """True where the platform knows each customer as the file does."""
    days = diary.of(customers)
    platform, begun = running.platform, time.monotonic()
    admin = Api({name: platform.url(name) for name in SERVICES}, platform.known.admin_token)
    provider = Provider.founded(admin, platform.bootstrap, days[0].at)
    story = Story(provider, say)
    story.play(days)
    say(f"All time is over after {time.monotonic() - begun:.1f} s; reading every figure …")
    since = time.monotonic()
    read = read_figures(provider.api)
    story.spent.on("reading every figure", since)
    took = time.monotonic() - begun
    wanted = expected(customers)
    found = [
        *differences(wanted, read.known),
        *differing_totals(totals(wanted), read.totals),
    ]
    lines = [
        "",
        *table(totals(wanted), read.totals),
        "",
        *verdict(found),
        "",
        *seconds(f"{took:.1f} s in all, after everything was up:", story.spent.by),
        *seconds("Processor seconds by program:", processor_seconds(running.pids)),
        f"Stops of the clock: {provider.clock['step']}. Machine: {machine()}.",
    ]
    say("\n".join(lines))
    return not found


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


class _Given:
    """A broker that runs already and is not ours to end."""

    pid = 0

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """It runs; the mock of the first minute is refused.

        Raises:
            MockRefused
        """
        cluster = AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(timeout=10)
        if str(cluster.cluster_id).startswith("mockCluster"):
            raise MockRefused(
                f"{self.bootstrap} is the embedded mock, which drops records that nobody has read"
                " yet: give a real Kafka, or leave KAFKA_BOOTSTRAP out and run `make kafka`"
            )

    def stop(self) -> None:
        """It goes on running."""


def _broker(directory: Path) -> KafkaProcess | _Given:
    told = os.environ.get("KAFKA_BOOTSTRAP")
    return _Given(told) if told else KafkaProcess(directory / "kafka")


def _pids(platform: Platform, broker: KafkaProcess | _Given, directory: Path) -> dict[str, int]:
    postmaster = (directory / "postgres" / "postmaster.pid").read_text().split()[0]
    names = (*SERVICES, "gateway", "panel", "mailbox")
    pids = {name: platform.processes.pid(name) for name in names}
    return pids | {"PostgreSQL": int(postmaster)} | ({"Kafka": broker.pid} if broker.pid else {})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.replay", description=__doc__)
    parser.add_argument("data", type=Path, help="the telco-customer-churn sample as a CSV file")
    parser.add_argument("--customers", type=int, help="only so many, spread over the file")
    parser.add_argument("--every", type=int, default=3, help="days between two days of start")
    parser.add_argument("--longest", type=int, default=72, help="only those of so many months")
    asked = parser.parse_args()
    try:
        diary = Diary(every=asked.every)
        customers = read_customers(asked.data, most=asked.customers, longest=asked.longest)
        say(f"{len(customers)} customers; starting Kafka, PostgreSQL, four services …")
        with (
            tempfile.TemporaryDirectory(prefix="perennial-replay-") as kept,
            everything(Path(kept)) as running,
        ):
            agrees = replay(customers, diary, running)
    except (FileUnusable, KafkaUnavailable, MockRefused, NotReady, ClockFailed) as error:
        sys.exit(f"{error}")
    except httpx2.HTTPError as error:
        sys.exit(f"a service does not answer: {error!r}")
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
