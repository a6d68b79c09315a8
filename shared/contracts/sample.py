"""One body of a contract with every field in it, the same each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared.contracts.compatibility import inlined
from shared.contracts.event import Message

Schema = Mapping[str, Any]
FORMATS = {"date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31"}
PATTERNS = {"^[A-Z]{3}$": "EUR", "^[0-9a-f]{64}$": "0123456789abcdef" * 4}
NUMBER = 7


def sample_of(contract: type[Message], *, optional: bool = True) -> Message:
    """A text says where it stands. Without `optional` it has only what a body must have."""
    schema = inlined(contract.model_json_schema())
    return contract.model_validate_json(orjson.dumps(_Filling(optional).value(schema, "")))


@dataclass(frozen=True)
class _Filling:
    optional: bool

    def value(self, schema: Schema, path: str) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self.value(schema["anyOf"][0], path)
        fillings = {
            "object": self._object,
            "array": self._array,
            "string": _text,
            "integer": _integer,
            "boolean": _true,
        }
        return fillings[schema["type"]](schema, path)

    def _object(self, schema: Schema, path: str) -> dict[str, Any]:
        if "properties" not in schema:
            values = schema.get("additionalProperties")
            each = values if isinstance(values, Mapping) else {"type": "string"}
            return {"name": self.value(each, f"{path}.name")} if self.optional else {}
        wanted = schema["properties"] if self.optional else schema.get("required", ())
        return {
            name: self.value(schema["properties"][name], f"{path}.{name}".lstrip("."))
            for name in wanted
        }

    def _array(self, schema: Schema, path: str) -> list[Any]:
        return [self.value(schema["items"], path)]


def _text(schema: Schema, path: str) -> str:
    if "format" in schema:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return PATTERNS[schema["pattern"]]
    text = path[-schema.get("maxLength", len(path)) :]
    return text.ljust(schema.get("minLength", 0), ".")


def _integer(schema: Schema, _: str) -> int:
    least, most = int(schema.get("minimum", NUMBER)), int(schema.get("maximum", NUMBER))
    return min(max(NUMBER, least), most)


def _true(_: Schema, __: str) -> bool:
    return True
