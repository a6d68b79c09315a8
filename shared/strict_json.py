"""JSON from outside, as its standard means it."""

import json
import re
from typing import Any, NoReturn

import orjson

from shared.malformed import Malformed, Reason

MAX_DEPTH = 20
_ESCAPED_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def strict_json(value: bytes) -> Any:
    """No NaN, no key twice, no abyss, no lone surrogate.

    Raises:
        Malformed: it is none, or holds what cannot be kept.
    """
    _measure_depth(value)
    try:
        text = value.decode()
        body = json.loads(
            text, object_pairs_hook=_once_each, parse_constant=_refuse, parse_float=_finite
        )
        orjson.dumps(body)
    except Malformed:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError, TypeError) as error:
        raise Malformed(Reason.NOT_JSON, type(error).__name__) from None
    if _ESCAPED_NULL.search(value):
        raise Malformed(Reason.INVALID_BODY, "a text holds a null character, which cannot be kept")
    return body


def _measure_depth(value: bytes) -> None:
    """Brackets within texts count as well; no honest body comes near the limit."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for byte in value:
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
        elif byte in b"]}":
            depth -= 1


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise Malformed(Reason.NOT_JSON, "a name stands twice in one object")
    return body


def _refuse(constant: str) -> NoReturn:
    raise Malformed(Reason.NOT_JSON, f"{constant} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise Malformed(Reason.NOT_JSON, "a number is too large")
    return number
