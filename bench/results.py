"""What a run has found, as JSON for machines and as a page for people."""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bench.run import Figure
from bench.server import bare_connection

LIBRARIES = ("asyncpg", "SQLAlchemy", "pydantic", "orjson", "uvloop", "aiokafka", "faststream")
SETTINGS = (
    *("shared_buffers", "max_wal_size", "fsync", "synchronous_commit", "full_page_writes"),
    *("random_page_cost", "jit", "wal_level"),
)
EXPLAINED = Path(__file__).parent / "EXPLAINED.md"
# What `make bench-peer` found last.
PEERS = Path(__file__).parent / "peers.json"


@dataclass(frozen=True)
class Results:
    """`machine` is what it ran on and with; `figures` are in the order of their measuring.

    `failed` names what could not be measured, or whose books did not balance, and why.
    """

    date: str
    machine: Mapping[str, Any]
    seed: int
    seconds: float
    figures: Mapping[str, Sequence[Figure]]
    failed: Mapping[str, str]

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(self.json() + "\n", encoding="utf-8")
        (folder / "RESULTS.md").write_text(self.page(), encoding="utf-8")

    def json(self) -> str:
        figures = {
            name: [asdict(each) | {"share": each.share} for each in found]
            for name, found in self.figures.items()
        }
        return json.dumps(asdict(self) | {"figures": figures}, indent=1, ensure_ascii=False)

    def table(self) -> str:
        head = "| figure | measured | raw limit | share | target | met |\n|---|---|---|---|---|---|"
        rows = [_row(each) for found in self.figures.values() for each in found]
        return "\n".join([head, *rows])

    def page(self) -> str:
        about = "\n".join(f"- {name}: {_text(value)}" for name, value in self.machine.items())
        spent = "\n".join(
            f"- **{each.name}**: {each.spent}"
            for found in self.figures.values()
            for each in found
            if each.spent
        )
        missing = "\n".join(
            f"- **{name}** was not measured: {why}" for name, why in self.failed.items()
        )
        return PAGE.format(
            date=self.date,
            seed=self.seed,
            minutes=self.seconds / 60,
            about=about,
            table=self.table(),
            spent="\n".join(filter(None, [spent, missing])),
            peers=_peers(),
            explained=EXPLAINED.read_text(encoding="utf-8"),
        )


PAGE = """\
# Benchmarks: what was measured

Written by `make bench` on {date} (seed {seed}, {minutes:.0f} minutes); the same as data in `results.json`.

{table}

`share` is of the raw limit that was measured in the same run, in turn with ours.

## What was spent

Cores that were busy on average while it was measured.

{spent}

## Beside a peer

{peers}

## Where it ran

{about}

{explained}"""


async def machine(admin_url: str) -> dict[str, Any]:
    """What the figures depend on, without a name of this machine."""
    async with bare_connection(admin_url) as connection:
        server = await connection.fetchval("show server_version")
        settings = {
            name: await connection.fetchval("select current_setting($1)", name) for name in SETTINGS
        }
    return {
        "processor": f"{os.cpu_count()} cores, {platform.machine()}, {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": sys.version.split()[0],
        "PostgreSQL": server,
        "its settings": settings,
        "libraries": {name: version(name) for name in LIBRARIES},
        "load before the run": [round(each, 2) for each in os.getloadavg()],
    }


def _peers() -> str:
    if not PEERS.exists():
        return "Not measured here yet: `make bench-peer`."
    found = json.loads(PEERS.read_text(encoding="utf-8"))
    return f"On {found['date']}, in one run (`make bench-peer`): {found['told']}."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "?")


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)


def _row(each: Figure) -> str:
    met = {None: "", True: "yes", False: "**no**"}[each.met]
    raw = f"{_number(each.raw)} {each.unit}" if each.raw is not None else ""
    share = f"{each.share:.2f}" if each.share is not None else ""
    measured = f"{_number(each.value)} {each.unit}"
    return f"| {each.name} | {measured} | {raw} | {share} | {each.target} | {met} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"  # noqa: PLR2004  three digits tell enough
