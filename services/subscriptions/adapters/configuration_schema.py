"""JSON Schema: whether a product's schema is one, and where a configuration breaks it."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry

from services.subscriptions.domain.placement import Misfit

NUL = "\x00"
# References are looked up within the schema only: nothing is ever fetched from elsewhere.
NOWHERE: Registry[Any] = Registry()


def find_misfit(schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> Misfit | None:
    """The fault that matters most; a product without a schema takes any configuration.

    But not the character NUL, which the database cannot keep.
    """
    if _holds_nul(configuration):
        return Misfit("", "it holds a NUL character")
    if not schema:
        return None
    fault = best_match(Draft202012Validator(schema, registry=NOWHERE).iter_errors(configuration))
    if fault is None:
        return None
    return Misfit(".".join(str(part) for part in fault.absolute_path), fault.message)


def find_fault(schema: Mapping[str, Any]) -> Misfit | None:
    """Where the schema itself is none."""
    if _holds_nul(schema):
        return Misfit("", "it holds a NUL character")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as fault:
        return Misfit(".".join(str(part) for part in fault.absolute_path), fault.message)
    return None


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, Mapping):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_holds_nul(part) for part in value)
    return False
