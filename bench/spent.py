"""Where processor time went while something was measured: which process, and who else was busy."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

FULL = 0.85


@dataclass(frozen=True)
class Cores:
    """Cores busy on average by name; `others` is what none of the named processes used."""

    busy: Mapping[str, float]
    seconds: float

    @property
    def told(self) -> str:
        return ", ".join(f"{name} {each:.2f}" for name, each in self.busy.items())

    @property
    def spent(self) -> str:
        """What was short: the whole machine, a process that filled a core of its own, or neither."""
        cores = os.cpu_count() or 1
        if sum(self.busy.values()) > FULL * cores:
            return f"all {cores} cores: {self.told}"
        fullest = max(self.busy, key=lambda name: self.busy[name])
        if self.busy[fullest] > FULL:
            return f"the one core that {fullest} can use: {self.told}"
        return f"no core; they wait for the disk and for one another: {self.told}"

    def milliseconds(self, of: int) -> dict[str, float]:
        """Processor time by name for each of so many pieces of work."""
        return {name: round(each * self.seconds / of * 1000, 3) for name, each in self.busy.items()}


class Meter:
    """Reads processor times of process trees, by name, from its making on."""

    def __init__(self, trees: Mapping[str, int]) -> None:
        self._trees = dict(trees)
        self._begun = self._read()
        self._at = time.perf_counter()
        self._all = _machine()

    def read(self) -> Cores:
        now, seconds = self._read(), time.perf_counter() - self._at
        busy = {name: (now[name] - self._begun[name]) / seconds for name in self._trees}
        others = (_machine() - self._all) / seconds - sum(busy.values())
        return Cores({**busy, "others": max(others, 0.0)}, seconds)

    def _read(self) -> dict[str, float]:
        return {
            name: _processor_time(pid, whole_tree=pid != os.getpid())
            for name, pid in self._trees.items()
        }


def _processor_time(pid: int, *, whole_tree: bool) -> float:
    root = psutil.Process(pid)
    # Of this very process the children have names of their own.
    processes = [root, *root.children(recursive=True)] if whole_tree else [root]
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        if whole_tree and process.pid == pid:
            # A database's server has waited for those of its processes that have ended.
            total += times.children_user + times.children_system
    return total


def _machine() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
