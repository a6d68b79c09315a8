"""What a credential may be good for; a new one never reaches further than the one it came from."""

import re
from collections.abc import Collection
from typing import Final

from shared.errors import Conflict, Invalid

EVERYTHING: Final = "*"
_SCOPE: Final = re.compile(r"[a-z][a-z_]{0,39}:(?:read|write)")


class UnknownScope(Invalid):
    code = "unknown_scope"


class ScopeBeyondYours(Conflict):
    code = "scope_beyond_yours"


def require_grantable(wanted: Collection[str], own: Collection[str]) -> None:
    for scope in sorted(wanted):
        if scope != EVERYTHING and not _SCOPE.fullmatch(scope):
            raise UnknownScope(
                f"{scope!r} is not a scope",
                field="scopes",
                way_out="Give scopes such as subscriptions:read or subscriptions:write, or *.",
            )
        if scope not in own and EVERYTHING not in own:
            raise ScopeBeyondYours(
                f"you do not have the scope {scope}",
                way_out="Ask somebody who has it, or leave it out.",
            )
