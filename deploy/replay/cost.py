"""What a run costs the machine: processor seconds by program, and what machine it is."""

import contextlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import psutil

GIGABYTE = 1 << 30


def processor_seconds(programs: Mapping[str, int]) -> dict[str, float]:
    """By name of the program, with all that its process has started."""
    return {name: _of(pid) for name, pid in programs.items()}


def _of(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        # What its children took that have ended, and what those take that run.
        spent = times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                spent += child.cpu_times().user + child.cpu_times().system
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent)


def machine() -> str:
    """Its processors, memory and system, as it knows them itself."""
    memory = psutil.virtual_memory().total / GIGABYTE
    return (
        f"{os.cpu_count()} processors ({_processor()}), {memory:.0f} GB of memory,"
        f" {platform.system()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
