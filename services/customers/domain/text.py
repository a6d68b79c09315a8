"""What a text from outside must not contain, wherever it is going to be shown or stored."""

import re
from typing import Any, Final

from shared.errors import Invalid

# Control characters end headers and lines, NUL ends a text in the database, and the signs that
# turn the direction of writing make a name look like another.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT: Final = "\ufffd"


class ControlCharacter(Invalid):
    code = "control_character"


class BlankText(Invalid):
    code = "blank_text"


def require_plain(text: str, field: str) -> None:
    if _FORBIDDEN.search(text):
        raise ControlCharacter(
            f"{field} contains a control character",
            field=field,
            way_out="Send the text without control characters and line breaks.",
        )


def require_said(text: str, field: str) -> None:
    if not text.strip():
        raise BlankText(
            f"{field} is empty", field=field, way_out="Send at least one visible character."
        )


def require_plain_throughout(value: Any, field: str) -> None:
    """Every text within a JSON value, names included."""
    if isinstance(value, str):
        require_plain(value, field)
    elif isinstance(value, dict):
        for name, part in value.items():
            # The name may be the culprit, so it must not get into the path before it is checked.
            require_plain(name, field)
            require_plain_throughout(part, f"{field}.{name}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            require_plain_throughout(part, f"{field}.{place}")


def made_plain(value: Any) -> Any:
    """The same JSON value with the forbidden characters replaced, so that it can be kept."""
    if isinstance(value, str):
        return _FORBIDDEN.sub(_REPLACEMENT, value)
    if isinstance(value, dict):
        return {made_plain(name): made_plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [made_plain(part) for part in value]
    return value
