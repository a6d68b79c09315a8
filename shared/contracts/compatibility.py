"""Whether a contract may change so: old readers must read new records, new readers old ones.

Our topics keep their records for ever, and services are not replaced at one instant. So a field
may come if nobody must write it, and words may change; anything else needs an event type of its own.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
WORDS = frozenset({"title", "description", "examples"})


def breaks_between(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """What breaks when the schemas `old`, by event type, are replaced by `new`."""
    found = [f"{name}: the event is gone" for name in sorted(set(old) - set(new))]
    for name in sorted(set(old) & set(new)):
        found += [f"{name}: {each}" for each in breaks(old[name], new[name])]
    return found


def breaks(old: Schema, new: Schema) -> list[str]:
    """Each with the path of the field; empty when the change is harmless."""
    return _breaks(inlined(old), inlined(new), "body")


def inlined(schema: Schema) -> dict[str, Any]:
    """The schema without references, and without words that change nothing."""
    parts = schema.get("$defs", {})

    def resolved(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, list):
            return [resolved(each) for each in node]
        if not isinstance(node, Mapping):
            return node
        if "$ref" in node:
            rest = {name: value for name, value in node.items() if name != "$ref"}
            return resolved({**parts[node["$ref"].rpartition("/")[2]], **rest})
        return {
            name: resolved(value, names=name == "properties" and not names)
            for name, value in node.items()
            if names or name not in WORDS
        }

    body: dict[str, Any] = resolved({name: v for name, v in schema.items() if name != "$defs"})
    return body


def _breaks(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _breaks_of_objects(old, new, path)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [each for n, (a, b) in pairs for each in _breaks(a, b, f"{path}[{n}]")]
    return [] if old == new else [f"{path}: {old!r} became {new!r}"]


def _breaks_of_objects(old: Schema, new: Schema, path: str) -> list[str]:
    found = []
    for name in sorted(set(old) | set(new)):
        if name == "properties" and name in old and name in new:
            found += _breaks_of_fields(old, new, path)
        elif name == "required":
            found += _breaks_of_duties(old, new, path)
        elif name not in new:
            found.append(f"{path}: {name} is gone")
        elif name not in old:
            found.append(f"{path}: {name} is new")
        else:
            found += _breaks(old[name], new[name], f"{path}.{name}")
    return found


def _breaks_of_fields(old: Schema, new: Schema, path: str) -> list[str]:
    found = []
    for name, field in old["properties"].items():
        if name in new["properties"]:
            found += _breaks(field, new["properties"][name], f"{path}.{name}")
        else:
            found.append(f"{path}.{name}: the field is gone")
    return found


def _breaks_of_duties(old: Schema, new: Schema, path: str) -> list[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    return [
        *(f"{path}.{name}: it must be there now" for name in sorted(after - before)),
        *(f"{path}.{name}: it need not be there any more" for name in sorted(before - after)),
    ]
