"""A product's schema is a partner's, a configuration a stranger's: neither stops the service."""

import time
from typing import Any

import pytest

from services.subscriptions.adapters.configuration_schema import find_fault, find_misfit

SLOW = "^(a+)+$"
NEARLY = {"name": "a" * 2_000 + "!"}


def a_form(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


@pytest.mark.parametrize(
    "schema",
    [
        a_form(name={"type": "string", "pattern": SLOW}),
        {"patternProperties": {SLOW: {"type": "integer"}}},
        {"patternProperties": {SLOW: {}}, "additionalProperties": False},
        a_form(name={"$ref": "#/kept", "kept": {}}) | {"kept": {"pattern": SLOW}},
    ],
)
def test_a_pattern_that_tries_every_way_is_matched_at_once(schema: dict[str, Any]) -> None:
    began = time.process_time()

    find_misfit(schema, NEARLY | {NEARLY["name"]: 1})

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "fits"), [("AB-12", True), ("xAB-12", False), ("AB-12\n", False), ("AB", False)]
)
def test_a_pattern_says_which_texts_fit(text: str, fits: bool) -> None:
    schema = a_form(account={"pattern": r"^[A-Z]{2}-\d{1,3}$"})

    misfit = find_misfit(schema, {"account": text})

    assert (misfit is None) is fits
    assert misfit is None or misfit.path == "account"


def test_names_beside_the_patterns_are_judged_as_additional() -> None:
    schema = {
        "patternProperties": {"^tag_[a-z]+$": {"type": "string"}},
        "properties": {"name": {}},
        "additionalProperties": False,
    }

    assert find_misfit(schema, {"tag_color": "red", "name": 1}) is None
    assert find_misfit(schema, {"tag_color": 1}) is not None
    assert find_misfit(schema, {"TAG": "red"}) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d{4}-\d{2}-\d{2}$",
        r"^([0-9A-F]{2}:){5}[0-9A-F]{2}$",
        r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$",
        r"^(?P<user>[^@\s]+)@[\w.-]+\.[a-z]{2,}$",
        r"^[\[\]()]{1,10}$",
        r"^\p{L}+$",
    ],
)
def test_the_patterns_of_everyday_forms_are_taken(pattern: str) -> None:
    assert find_fault(a_form(account={"pattern": pattern})) is None


@pytest.mark.parametrize(
    ("schema", "path", "why"),
    [
        (a_form(a={"pattern": "(?=x)y"}), "properties.a.pattern", "look-around"),
        (a_form(a={"pattern": r"(x)\1"}), "properties.a.pattern", "backreferences"),
        (a_form(a={"pattern": "("}), "properties.a.pattern", "unclosed group"),
        (a_form(a={"pattern": ")"}), "properties.a.pattern", "unopened group"),
        (a_form(a={"pattern": "(.{1,99}){1,99}"}), "properties.a.pattern", "repetitions"),
        (a_form(a={"pattern": "((x{30})+){30}"}), "properties.a.pattern", "repetitions"),
        (a_form(a={"pattern": "x" * 501}), "properties.a.pattern", "500 characters"),
        (a_form(a={"pattern": "(?i)x"}), "properties.a.pattern", "flags"),
        (a_form(a={"pattern": "[a[b]]"}), "properties.a.pattern", "bracket"),
        ({"items": [{"patternProperties": {"(?!x)": {}}}]}, "items", "not of type"),
        ({"anyOf": [{"patternProperties": {"(?!x)": {}}}]}, "anyOf.0.patternProperties", "look"),
        (a_form(a={"not": {"unevaluatedItems": False}}), "properties.a.not.unev", "not supported"),
    ],
)
def test_what_cannot_be_evaluated_in_bounded_time_is_refused_where_it_stands(
    schema: dict[str, Any], path: str, why: str
) -> None:
    fault = find_fault(schema)

    assert fault is not None
    assert fault.path.startswith(path)
    assert why in fault.message


def test_data_and_fields_that_are_called_like_a_rule_are_none() -> None:
    field = {"pattern": {"const": {"pattern": "("}}, "unevaluatedItems": {"type": "string"}}

    assert find_fault(a_form(**field)) is None


def endless_references() -> dict[str, Any]:
    doubled = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(40)
    }
    return {"$ref": "#/$defs/d0", "$defs": doubled | {"d40": {"type": "object"}}}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (endless_references(), "too long"),
        ({"$ref": "#"}, "too long"),
        (a_form(a={"uniqueItems": True}), "too long"),
        ({"$ref": "#/$defs/none"}, "cannot be used"),
        (a_form(a={"pattern": "(?=x)"}), "cannot be used"),
    ],
)
def test_a_schema_that_asks_too_much_refuses_the_order_and_harms_nobody_else(
    schema: dict[str, Any], why: str
) -> None:
    began = time.process_time()

    misfit = find_misfit(schema, {"a": [{"n": n} for n in range(1000)]})

    assert misfit is not None
    assert why in misfit.message
    assert time.process_time() - began < 2


def test_nesting_without_an_end_is_no_schema() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5_000):
        schema = {"not": schema}

    fault = find_fault(schema)

    assert fault is not None
