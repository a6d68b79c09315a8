"""Regular expressions that partners write: matched in linear time, or refused with the reason."""

import re
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

MAX_LENGTH = 500
# What a pattern may come to when its counted repetitions are written out, so that even the worst
# one is done with a text of 16 kB in some 50 ms.
MAX_WRITTEN_OUT = 250
_PART = re.compile(
    r"""\\. | \[\^?\]?(?:\\.|[^\[\]\\])*\] | \(\?(?::|P?<\w+>) | \(\? | \{[\s\d,]*\} | .""",
    re.DOTALL | re.VERBOSE,
)
_GROUP = "a group may begin with (?: or (?<name>; there is no look-around and there are no flags"


class PatternRefused(Exception):
    """The message says why."""


def require_linear(pattern: str) -> None:
    """
    Raises:
        PatternRefused: it is none, or could not be matched in linear time.
    """
    _compiled(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is found anywhere in `text`.

    Raises:
        PatternRefused: as `require_linear`.
    """
    return bool(_compiled(pattern).isinstance_python(text))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> SchemaValidator:
    if len(pattern) > MAX_LENGTH:
        raise PatternRefused(f"a pattern has at most {MAX_LENGTH} characters")
    if _written_out(pattern) > MAX_WRITTEN_OUT:
        raise PatternRefused(
            f"its repetitions come to more than {MAX_WRITTEN_OUT} parts when they are written out"
        )
    try:
        # Python's own engine tries every way to match, which may take for ever.
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as error:
        raise PatternRefused(str(error).splitlines()[-1].strip()) from None


def _written_out(pattern: str) -> int:
    totals, last = [0], 0
    for part in _PART.findall(pattern):
        if part in {"(?", "["}:
            raise PatternRefused(_GROUP if part == "(?" else r"within [ ] write \[ for a bracket")
        if part.startswith("("):
            totals.append(0)
        elif part == ")" and len(totals) > 1:
            last = totals.pop()
            totals[-1] += last
        elif part.startswith("{") and len(part) > 1:
            times = max(map(int, re.findall(r"\d+", part)), default=1)
            totals[-1] += last * (max(times, 1) - 1)
            last *= max(times, 1)
        elif part not in {"*", "+", "?"}:
            last = 1
            totals[-1] += last
    return sum(totals)
