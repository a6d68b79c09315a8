"""JSON Schema: whether a product's schema is one, and where a configuration breaks it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from services.subscriptions.adapters.bounded_validator import TooMuchWork, worst_fault
from services.subscriptions.adapters.linear_pattern import PatternRefused, require_linear
from services.subscriptions.domain.placement import Misfit

Path = tuple[str | int, ...]
NUL = "\x00"
# They hold subschemas under names of the partner's own.
NAMED = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
# They hold data, which may look like a schema.
DATA = {"const", "enum", "default", "examples"}
# Their work cannot be bounded, and no form needs them.
UNSUPPORTED = ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef")
# Python's engine would judge the patterns, which another one matches.
NO_FORMATS = FormatChecker(formats=())


def find_misfit(schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> Misfit | None:
    """The fault that matters most; a product without a schema takes any configuration.

    But not the character NUL, which the database cannot keep.
    """
    if _holds_nul(configuration):
        return Misfit("", "it holds a NUL character")
    # One that was published under older rules must not do harm either.
    if (refused := _find_refused(schema)) is not None:
        return Misfit("", f"the product's schema cannot be used: {refused.message}")
    try:
        fault = worst_fault(schema, configuration)
    except TooMuchWork:
        return Misfit("", "it takes too long to hold it against the product's schema")
    except (PatternRefused, Unresolvable) as error:
        return Misfit("", f"the product's schema cannot be used: {error}")
    return None if fault is None else _misfit(fault.absolute_path, fault.message)


def find_fault(schema: Mapping[str, Any]) -> Misfit | None:
    """Where the schema itself is none, or asks for what is not evaluated."""
    try:
        if _holds_nul(schema):
            return Misfit("", "it holds a NUL character")
        Draft202012Validator.check_schema(schema, format_checker=NO_FORMATS)
    except SchemaError as fault:
        return _misfit(fault.absolute_path, fault.message)
    except RecursionError:
        return Misfit("", "it is nested too deeply")
    return _find_refused(schema)


def _find_refused(schema: Mapping[str, Any]) -> Misfit | None:
    for path, each in _subschemas(schema):
        for word in UNSUPPORTED:
            if word in each:
                return _misfit((*path, word), f"{word} is not supported")
        for place, pattern in _patterns(each):
            try:
                require_linear(pattern)
            except PatternRefused as refused:
                return _misfit((*path, *place), f"{pattern!r} cannot be used: {refused}")
    return None


def _patterns(schema: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    if "pattern" in schema:
        yield ("pattern",), schema["pattern"]
    for pattern in schema.get("patternProperties", ()):
        yield ("patternProperties", pattern), pattern


def _subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The schema and all that it holds."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, each = waiting.pop()
        if not isinstance(each, Mapping):
            continue
        yield path, each
        for word, value in each.items():
            if word in DATA:
                continue
            if isinstance(value, list):
                waiting += [((*path, word, n), part) for n, part in enumerate(value)]
            elif isinstance(value, Mapping) and word in NAMED:
                waiting += [((*path, word, name), part) for name, part in value.items()]
            else:
                waiting.append(((*path, word), value))


def _misfit(path: Iterable[str | int], message: str) -> Misfit:
    return Misfit(".".join(str(part) for part in path), message)


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, Mapping):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_holds_nul(part) for part in value)
    return False
