"""The broker of the first minute: librdkafka's mock cluster, in memory, in a process of its own.

A process, because the runner forks its services and the mock's threads would not survive that.
It holds the last 5 MB of a partition, knows no transactions and forgets everything when it ends.
"""

import subprocess
import sys
from pathlib import Path

from confluent_kafka import Producer

from deploy.topics import declared_topics

ROOT = Path(__file__).parents[1]


class EmbeddedBroker:
    """Lives until `stop`, or until the process that started it ends, however that ends."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.broker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            start_new_session=True,
        )
        self.bootstrap = self._first_line()

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def _first_line(self) -> str:
        line = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the embedded broker ended at once with {self._process.wait()}")
        return line


def main() -> None:
    """Print where the cluster listens; serve until the standard input is closed."""
    cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0}, logger=None)
    (broker,) = cluster.list_topics(timeout=10).brokers.values()
    for topic in declared_topics():
        # The mock cannot be told to make a topic; it makes one, of 4 partitions, when asked about it.
        cluster.list_topics(topic.name, timeout=10)
    print(f"{broker.host}:{broker.port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
