"""The Kafka of a run: the one that KAFKA_BOOTSTRAP names, else a process of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.broker import KafkaProcess


@contextmanager
def running_broker(directory: Path) -> Iterator[tuple[str, int | None]]:
    """Where it listens, and its process id where it is ours.

    Raises:
        KafkaUnavailable: this machine has neither; the message says how to get one.
    """
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield given, None
        return
    broker = KafkaProcess(directory / "kafka")
    broker.start()
    try:
        yield broker.bootstrap, broker.pid
    finally:
        broker.stop()
        shutil.rmtree(directory / "kafka", ignore_errors=True)
