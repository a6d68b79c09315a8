"""Writes each contract's schema and a sample to where a test holds them against the code.

`python -m shared.contracts.golden` after a deliberate change. It refuses one that breaks readers,
and keeps the sample of before, which must be readable for ever.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts.catalog import all_contracts
from shared.contracts.compatibility import breaks_between
from shared.contracts.event import EventContract, Message
from shared.contracts.sample import sample_of

GOLDEN = Path(__file__).parents[2] / "tests" / "contract" / "golden"
WAY_OUT = (
    "Readers would break. Add an optional field, or give the new thing an event type of its own."
)


def schema_of(contract: type[Message]) -> dict[str, Any]:
    """The body's JSON Schema, with what the topic and the key of a record are."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{contract.type}/{contract.schema_version}",
        **_place(contract),
        **contract.model_json_schema(),
    }


def _place(contract: type[Message]) -> dict[str, str]:
    """In a sample a text says where it stands, so the key tells its field."""
    if not issubclass(contract, EventContract):
        return {"x-topic": contract.type}
    full, least = [
        getattr(sample_of(contract, optional=each), contract.state) for each in (True, False)
    ]
    return {
        "x-topic": contract.type,
        "x-state": contract.state,
        "x-key": " or ".join(dict.fromkeys((full.key, least.key))),
        "x-subject": full.subject,
    }


def golden_files() -> dict[str, str]:
    """By file name, what the contracts of today make."""
    files = {}
    for name, contract in all_contracts().items():
        sample = json.loads(sample_of(contract).model_dump_json())
        files[f"{name}.schema.json"] = as_text(schema_of(contract))
        files[f"{name}.sample.json"] = as_text(sample)
    return files


def as_text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def committed_schemas(folder: Path = GOLDEN) -> dict[str, dict[str, Any]]:
    """By event type, as they were written last."""
    files = sorted(folder.glob("*.schema.json"))
    return {file.name.removesuffix(".schema.json"): json.loads(file.read_text()) for file in files}


def write(folder: Path = GOLDEN) -> list[str]:
    """What stands in the way; nothing is written then."""
    files = golden_files()
    schemas = {name: json.loads(files[f"{name}.schema.json"]) for name in all_contracts()}
    if broken := breaks_between(committed_schemas(folder), schemas):
        return broken
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = folder / name
        if name.endswith(".sample.json") and file.exists() and file.read_text() != text:
            _keep(file)
        file.write_text(text)
    return []


def _keep(sample: Path) -> None:
    past = sample.parent / "past"
    past.mkdir(exist_ok=True)
    event_type = sample.name.removesuffix(".sample.json")
    number = len(list(past.glob(f"{event_type}.*.sample.json"))) + 1
    sample.rename(past / f"{event_type}.{number}.sample.json")


def main() -> None:
    """Write them, or say what stands in the way."""
    if broken := write():
        sys.exit("\n".join([*broken, WAY_OUT]))


if __name__ == "__main__":
    main()
