"""What may become of a contract: twelve ways to break its readers, and four that harm nobody."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.contracts.compatibility import breaks, breaks_between, inlined
from shared.contracts.golden import GOLDEN, committed_schemas

Schema = dict[str, Any]
Mutation = Callable[[Schema], bool]
COMMITTED = committed_schemas()


def objects(node: Any) -> Iterator[Schema]:
    """Every object with named fields in the schema, the outermost first."""
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def fields(node: Any) -> Iterator[Schema]:
    """Every field, and every branch of one that may be of several kinds."""
    for each in objects(node):
        for field in each["properties"].values():
            yield field
            yield from field.get("anyOf", ())


def first(node: Schema, wanted: Callable[[Schema], bool]) -> Schema | None:
    return next((each for each in fields(node) if wanted(each)), None)


def drop_a_field(schema: Schema) -> bool:
    schema["properties"].pop(schema["required"][0])
    return True


def rename_a_field(schema: Schema) -> bool:
    name = schema["required"][0]
    schema["properties"][f"the_{name}"] = schema["properties"].pop(name)
    schema["required"][0] = f"the_{name}"
    return True


def change_a_type(schema: Schema) -> bool:
    field = first(schema, lambda field: field.get("type") == "string")
    assert field is not None
    field["type"] = "integer"
    return True


def narrow_an_enumeration(schema: Schema) -> bool:
    field = first(schema, lambda field: "enum" in field)
    if field:
        field["enum"].pop()
    return field is not None


def require_a_new_field(schema: Schema) -> bool:
    schema["properties"]["of_tomorrow"] = {"type": "string"}
    schema["required"].append("of_tomorrow")
    return True


def tighten_a_form(schema: Schema) -> bool:
    field = first(schema, lambda field: field.get("type") == "string")
    assert field is not None
    field["pattern"] = "^[a-z]+$"
    return True


def change_a_unit(schema: Schema) -> bool:
    """From minor units to major ones: the name says the unit, as it does everywhere."""
    for each in objects(schema):
        for name in each["properties"]:
            if name.endswith("_minor"):
                each["properties"][name.replace("_minor", "_major")] = each["properties"].pop(name)
                return True
    return False


def forbid_null(schema: Schema) -> bool:
    field = first(schema, lambda field: {"type": "null"} in field.get("anyOf", ()))
    if field:
        field["anyOf"].remove({"type": "null"})
    return field is not None


def reorder_a_union(schema: Schema) -> bool:
    field = first(schema, lambda field: "anyOf" in field)
    if field:
        field["anyOf"].reverse()
    return field is not None


def change_the_key(schema: Schema) -> bool:
    if "x-key" in schema:
        schema["x-key"] += ".other"
    return "x-key" in schema


def change_the_topic(schema: Schema) -> bool:
    schema["x-topic"] += ".v2"
    return True


BREAKING = [
    drop_a_field,
    rename_a_field,
    change_a_type,
    narrow_an_enumeration,
    require_a_new_field,
    tighten_a_form,
    change_a_unit,
    forbid_null,
    reorder_a_union,
    change_the_key,
    change_the_topic,
]


def add_an_optional_field(schema: Schema) -> bool:
    schema["properties"]["of_tomorrow"] = {"type": "string", "default": ""}
    return True


def add_an_optional_field_deep_within(schema: Schema) -> bool:
    *_, innermost = objects(schema)
    innermost["properties"]["of_tomorrow"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return True


def reword(schema: Schema) -> bool:
    schema["description"] = "said otherwise"
    for each in objects(schema):
        each["title"] = "Otherwise"
    return True


def reorder_the_fields(schema: Schema) -> bool:
    for each in objects(schema):
        each["properties"] = dict(reversed(each["properties"].items()))
        each.get("required", []).reverse()
    return True


HARMLESS = [add_an_optional_field, add_an_optional_field_deep_within, reword, reorder_the_fields]


@pytest.mark.parametrize("mutate", BREAKING, ids=lambda each: each.__name__)
def test_what_breaks_readers_is_refused_on_every_schema_that_it_can_befall(
    mutate: Mutation,
) -> None:
    refused = [name for name, mutant in mutants(mutate) if breaks(COMMITTED[name], mutant)]

    assert refused == [name for name, _ in mutants(mutate)]
    assert refused != []


@pytest.mark.parametrize("mutate", BREAKING, ids=lambda each: each.__name__)
def test_what_breaks_readers_is_refused_at_any_depth(mutate: Mutation) -> None:
    """Within each object of a schema the same as in the outermost one."""
    tried = 0
    for name, schema in COMMITTED.items():
        whole = inlined(schema)
        for n, part in enumerate(objects(whole)):
            mutant = copy.deepcopy(whole)
            inner = list(objects(mutant))[n]
            if "required" in part and "x-topic" not in part and mutate_part(mutate, inner):
                tried += 1
                assert breaks(schema, mutant), f"{name}: object {n}"

    assert tried > 40 or mutate in {change_the_key, change_the_topic}


@pytest.mark.parametrize("mutate", HARMLESS, ids=lambda each: each.__name__)
def test_what_harms_nobody_is_accepted_on_every_schema(mutate: Mutation) -> None:
    found = {name: breaks(COMMITTED[name], mutant) for name, mutant in mutants(mutate)}

    assert found == {name: [] for name in COMMITTED}


@pytest.mark.parametrize("name", COMMITTED)
def test_an_event_that_is_dropped_breaks_its_readers(name: str) -> None:
    left = {each: schema for each, schema in COMMITTED.items() if each != name}

    assert breaks_between(COMMITTED, left) == [f"{name}: the event is gone"]


def test_a_new_event_harms_nobody() -> None:
    assert breaks_between(COMMITTED, COMMITTED | {"of.tomorrow": {"type": "object"}}) == []


def test_a_part_that_moves_to_another_definition_harms_nobody() -> None:
    for name, schema in COMMITTED.items():
        assert breaks(schema, inlined(schema)) == [], name


def test_a_breach_is_named_with_its_field() -> None:
    schema = json.loads((GOLDEN / "invoice.paid.schema.json").read_text())
    mutant = copy.deepcopy(schema)
    mutant["$defs"]["Invoice"]["properties"]["number"]["type"] = "integer"

    assert breaks(schema, mutant) == ["body.invoice.number.type: 'string' became 'integer'"]


def mutants(mutate: Mutation) -> list[tuple[str, Schema]]:
    """Those of the committed schemas that the mutation can befall, with references resolved."""
    found = []
    for name, schema in COMMITTED.items():
        mutant = inlined(schema)
        if mutate(mutant):
            found.append((name, mutant))
    return found


def mutate_part(mutate: Mutation, part: Schema) -> bool:
    try:
        return mutate(part)
    except (AssertionError, KeyError):
        return False
