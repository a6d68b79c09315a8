"""The contracts are what was written down last, and read all that was ever sent."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.catalog import all_contracts
from shared.contracts.event import EventContract
from shared.contracts.golden import GOLDEN, as_text, golden_files, write
from shared.contracts.sample import sample_of

CONTRACTS = all_contracts()
OURS = [name for name, each in CONTRACTS.items() if issubclass(each, EventContract)]
FILES = golden_files()
SAMPLES = sorted(GOLDEN.rglob("*.sample.json"))


def event_type(file: Path) -> str:
    """`a.b.sample.json`, or of earlier days `a.b.1.sample.json`."""
    stem = file.name.removesuffix(".sample.json")
    return stem.rpartition(".")[0] if file.parent.name == "past" else stem


def test_the_committed_files_are_those_of_the_contracts() -> None:
    committed = {file.name: file.read_text() for file in GOLDEN.glob("*.json")}

    assert committed == FILES, "run `make golden` after a deliberate change"


def test_there_is_a_sample_of_every_contract() -> None:
    assert {event_type(file) for file in SAMPLES} == set(CONTRACTS)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_every_sample_that_was_ever_committed_is_read(file: Path) -> None:
    contract = CONTRACTS[event_type(file)]

    event = contract.model_validate_json(file.read_text())

    assert is_kept(json.loads(file.read_text()), json.loads(event.model_dump_json()))


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_body_without_what_is_optional_is_read(name: str) -> None:
    least = sample_of(CONTRACTS[name], optional=False)

    again = CONTRACTS[name].model_validate_json(least.model_dump_json(exclude_unset=True))

    assert again == least


@pytest.mark.parametrize("name", OURS)
def test_a_body_with_fields_of_tomorrow_is_read(name: str) -> None:
    sample = json.loads((GOLDEN / f"{name}.sample.json").read_text())

    event = CONTRACTS[name].model_validate_json(json.dumps(with_more(sample)))

    assert json.loads(event.model_dump_json()) == sample


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_sample_fits_its_schema_for_readers_in_other_languages(name: str) -> None:
    schema = json.loads((GOLDEN / f"{name}.schema.json").read_text())
    sample = json.loads((GOLDEN / f"{name}.sample.json").read_text())

    Draft202012Validator.check_schema(schema)

    assert list(Draft202012Validator(schema).iter_errors(sample)) == []


@pytest.mark.parametrize("name", OURS)
def test_every_event_says_which_aggregate_it_is_of_and_whose(name: str) -> None:
    sample = sample_of(CONTRACTS[name])

    assert isinstance(sample, EventContract)
    state = sample.aggregate
    assert (bool(state.key), bool(state.subject)) == (True, True)
    assert (state.partner_id.rpartition(".")[2], state.version) == ("partner_id", 7)


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    assert write(tmp_path) == []
    first = contents(tmp_path)

    assert write(tmp_path) == []

    assert contents(tmp_path) == first == FILES


def test_a_change_that_breaks_readers_is_not_written(tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / "invoice.paid.schema.json"
    schema = json.loads(file.read_text())
    del schema["properties"]["settled_by"]["enum"][0]
    file.write_text(as_text(schema))
    before = contents(tmp_path)

    (broken,) = write(tmp_path)

    assert "invoice.paid: body.settled_by" in broken
    assert contents(tmp_path) == before


def test_the_sample_of_before_a_harmless_change_is_kept(tmp_path: Path) -> None:
    """It stands for the records that are on the topic already."""
    write(tmp_path)
    schema_file = tmp_path / "clock.stepped.schema.json"
    sample_file = tmp_path / "clock.stepped.sample.json"
    schema, sample = [json.loads(file.read_text()) for file in (schema_file, sample_file)]
    del schema["$defs"]["Change"]["properties"]["reason"], sample["change"]["reason"]
    schema_file.write_text(as_text(schema))
    sample_file.write_text(as_text(sample))

    assert write(tmp_path) == []

    kept = tmp_path / "past" / "clock.stepped.1.sample.json"
    assert json.loads(kept.read_text()) == sample
    assert sample_file.read_text() == FILES[sample_file.name]


def is_kept(before: object, now: object) -> bool:
    """All that was said is there; at any depth there may be more, which has been added since."""
    if isinstance(before, dict) and isinstance(now, dict):
        return all(name in now and is_kept(each, now[name]) for name, each in before.items())
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(is_kept, before, now))
    return before == now


def with_more(value: object) -> object:
    if isinstance(value, dict):
        more = {name: with_more(each) for name, each in value.items()}
        return more if set(value) == {"name"} else {**more, "of_tomorrow": {"a": [1]}}
    if isinstance(value, list):
        return [with_more(each) for each in value]
    return value


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.glob("*.json")}
