"""A set of named processes on this machine: started, watched, started again, stopped in order."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 30


class NotReady(Exception):
    """A process ended, or did not answer in time; the message names its log."""


@dataclass(frozen=True)
class Program:
    """`module` is run with `python -m`; `ready_url` answers 200 once it serves."""

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_url: str = ""


class Processes:
    """Each writes to `<directory>/<name>.log`. One that ends by itself is started again, as any
    supervisor would; one that is stopped or killed by us stays away until it is started.
    """

    def __init__(self, directory: Path, *, supervised: bool = True) -> None:
        self._directory = directory
        self._supervised = supervised
        self._programs: dict[str, Program] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self.restarts: dict[str, int] = {}
        directory.mkdir(parents=True, exist_ok=True)
        self._pids = directory / "pids"
        self._end_leftovers()

    def start(self, programs: Sequence[Program], *, patience: float = 60) -> None:
        """Start them all, then wait until each is ready."""
        with self._lock:
            for each in programs:
                self._programs[each.name] = each
                self._launch(each)
        for each in programs:
            self.wait_ready(each.name, patience)
        if self._supervised and not self._closing.is_set():
            self._watch()

    def wait_ready(self, name: str, patience: float = 60) -> None:
        program, deadline = self._programs[name], time.monotonic() + patience
        while time.monotonic() < deadline:
            if not self.alive(name) and not self._supervised:
                break
            if _answers(program.ready_url):
                return
            time.sleep(0.05)
        raise NotReady(f"{name} is not ready: see {self._log(name)}")

    def alive(self, name: str) -> bool:
        process = self._running.get(name)
        return process is not None and process.poll() is None

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def send(self, name: str, number: signal.Signals) -> None:
        self._running[name].send_signal(number)

    def kill(self, name: str) -> None:
        """As `kill -9`; it stays away until `restart`."""
        self._end(name, signal.SIGKILL)

    def stop(self, name: str) -> None:
        self._end(name, signal.SIGTERM)

    def restart(self, name: str) -> None:
        with self._lock:
            if not self.alive(name):
                self._launch(self._programs[name])
        self.wait_ready(name)

    def stop_all(self) -> None:
        """In the reverse order of their start; whoever does not end in time is killed."""
        self._closing.set()
        with self._lock:
            running = [name for name in reversed(self._programs) if self.alive(name)]
            for name in running:
                self._running[name].send_signal(signal.SIGTERM)
        for name in running:
            _wait(self._running[name])
        self._pids.unlink(missing_ok=True)

    def _launch(self, program: Program) -> None:
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        with self._log(program.name).open("ab") as log:
            self._running[program.name] = subprocess.Popen(
                [sys.executable, "-m", program.module, *program.arguments],
                cwd=ROOT,
                env={**inherited, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the runner, which ends them in order.
                start_new_session=True,
            )
        with self._pids.open("a") as pids:
            pids.write(f"{self._running[program.name].pid} {program.module}\n")

    def _end_leftovers(self) -> None:
        """A runner that was killed left its processes behind: they hold the ports."""
        left = []
        for line in self._pids.read_text().splitlines() if self._pids.exists() else []:
            pid, _, module = line.partition(" ")
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(int(pid))
                if module in process.cmdline():
                    process.kill()
                    left.append(process)
        deadline = time.monotonic() + 5
        while any(_lives(each) for each in left) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._pids.unlink(missing_ok=True)

    def _end(self, name: str, number: signal.Signals) -> None:
        with self._lock:
            process = self._running.pop(name, None)
        if process is not None:
            process.send_signal(number)
            _wait(process)

    def _watch(self) -> None:
        self._supervised = False
        threading.Thread(target=self._start_again, daemon=True).start()

    def _start_again(self) -> None:
        while not self._closing.wait(0.5):
            with self._lock:
                for name, process in list(self._running.items()):
                    if process.poll() is not None and not self._closing.is_set():
                        self.restarts[name] = self.restarts.get(name, 0) + 1
                        self._launch(self._programs[name])

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"


def _lives(process: psutil.Process) -> bool:
    """One that nobody has reaped yet holds nothing any more."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200  # noqa: PLR2004  the one good answer
    except httpx2.HTTPError:
        return False
