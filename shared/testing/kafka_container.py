"""Kafka in a container, for machines that have an engine and the image already.

Nothing is pulled: a test run must not depend on a registry's mood. `docker pull apache/kafka`
once, and the tests use it.
"""

import os
import shutil
import subprocess
import time

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from deploy.kafka.broker import SETTINGS, KafkaUnavailable, answers, free_port

IMAGE = "apache/kafka"
CONTROLLER_PORT = 9093


def image_here() -> str | None:
    """The image that may be started: PERENNIAL_KAFKA_IMAGE or Apache's, if it is on this machine."""
    if (engine := shutil.which("docker")) is None:
        return None
    wanted = os.environ.get("PERENNIAL_KAFKA_IMAGE", IMAGE)
    listed = subprocess.run(
        [engine, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    return max(listed.stdout.split(), default=None)


class KafkaContainer:
    """A single node; its data lives as long as the container, which `remove` ends."""

    def __init__(self, image: str) -> None:
        # The reaper is an image of its own, which may not be here; `remove` does its work.
        testcontainers_config.ryuk_disabled = True
        self._port = free_port()
        self.bootstrap = f"127.0.0.1:{self._port}"
        self.version = f"{image.rpartition(':')[2]} in a container"
        self._container = DockerContainer(image).with_bind_ports(self._port, self._port)
        for name, value in _settings(self._port).items():
            self._container = self._container.with_env(name, value)
        self._made = False

    def start(self) -> None:
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._made = True
        deadline = time.monotonic() + 60
        while not answers(self.bootstrap):
            if time.monotonic() > deadline:
                raise KafkaUnavailable(f"its container gives no answer: {self._last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._made:
            self._container.get_wrapped_container().stop(timeout=30)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def remove(self) -> None:
        if self._made:
            self._container.stop()

    def _last_words(self) -> str:
        _, errors = self._container.get_logs()
        return errors.decode(errors="replace")[-500:]


def _settings(port: int) -> dict[str, str]:
    """The same settings as a local process has, in the form that the image takes them."""
    text = SETTINGS.format(port=port, controller_port=CONTROLLER_PORT, data="/tmp/kafka-data")  # noqa: S108  inside the container
    lines = [line.split("=", 1) for line in text.splitlines() if not line.startswith("#")]
    settings = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in lines}
    listeners = f"BROKER://0.0.0.0:{port},CONTROLLER://0.0.0.0:{CONTROLLER_PORT}"
    return settings | {"KAFKA_LISTENERS": listeners}
