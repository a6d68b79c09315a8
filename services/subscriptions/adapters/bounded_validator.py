"""JSON Schema by partners, for texts by strangers: evaluated with a bound to the work it takes."""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry

from services.subscriptions.adapters.linear_pattern import matches

# References may meet again and again, so that a short schema means endless work.
MAX_WORK = 50_000
CHARACTERS_A_STEP = 8
# References are looked up within the schema only: nothing is ever fetched from elsewhere.
NOWHERE: Registry[Any] = Registry()
Faults = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Faults | None]


class TooMuchWork(Exception):
    """The schema asks for more than it may."""


def worst_fault(schema: Mapping[str, Any], instance: object) -> ValidationError | None:
    """The fault that matters most.

    Raises:
        TooMuchWork: it would take too long to say.
        PatternRefused: a pattern of the schema is none.
    """
    _done.set(0)
    try:
        faults: Faults = _Validator(schema, registry=NOWHERE).iter_errors(instance)
        fault: ValidationError | None = best_match(faults)
    except RecursionError:
        raise TooMuchWork from None
    return fault


_done: ContextVar[int] = ContextVar("steps done")


def _counted(word: str, check: Keyword) -> Keyword:
    def counting(validator: Any, value: Any, instance: Any, schema: Any) -> Faults | None:
        done = _done.get() + _steps(word, value, instance)
        _done.set(done)
        if done > MAX_WORK:
            raise TooMuchWork
        return check(validator, value, instance, schema)

    return counting


def _steps(word: str, value: Any, instance: Any) -> int:
    match word, instance:
        case "uniqueItems", list():
            return 1 + len(instance) ** 2
        case "pattern", str():
            return 1 + len(instance) // CHARACTERS_A_STEP
        case (("patternProperties" | "additionalProperties"), dict()):
            return 1 + sum(map(len, instance)) // CHARACTERS_A_STEP
        case "enum", _:
            return 1 + len(value)
        case _:
            return 1


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Faults:
    if validator.is_type(instance, "string") and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Faults:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for name, value in instance.items():
            if matches(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Faults:
    """The library's own, for what no pattern names."""
    if validator.is_type(instance, "object"):
        patterns = schema.get("patternProperties", {})
        unnamed = {
            name: value
            for name, value in instance.items()
            if not any(matches(pattern, name) for pattern in patterns)
        }
        rest = {word: value for word, value in schema.items() if word != "patternProperties"}
        check = Draft202012Validator.VALIDATORS["additionalProperties"]
        yield from check(validator, allowed, unnamed, rest)


_KEYWORDS = dict(Draft202012Validator.VALIDATORS) | {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {word: _counted(word, check) for word, check in _KEYWORDS.items()}
)
