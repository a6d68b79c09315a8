"""An operator: a person who acts for a partner, and what a password must be like."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NewType

from services.customers.domain.email import Email
from shared.errors import Conflict, Invalid
from shared.ids import PartnerId

OperatorId = NewType("OperatorId", str)
SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 256
_FEWEST_CHARACTERS: Final = 4
_SHORTEST_CONTEXT: Final = 4
# The patterns that are tried first everywhere; the length and the context words do the rest.
_GUESSED_FIRST: Final = frozenset({
    "password", "passw0rd", "password1", "password123", "passwort", "kennwort", "12345678",
    "123456789", "1234567890", "87654321", "qwertyui", "qwertyuiop", "qwerty123", "asdfghjk",
    "iloveyou", "sunshine", "princess", "football", "baseball", "welcome1", "welcome123",
    "letmein1", "letmein123", "admin123", "administrator", "changeme", "changeme1", "trustno1",
    "superman", "starwars", "whatever", "computer", "internet", "abcd1234", "abc12345",
    "1q2w3e4r", "1qaz2wsx", "zaq12wsx", "q1w2e3r4", "secret123", "test1234", "hallo123",
})  # fmt: skip


class OperatorEmailTaken(Conflict):
    code = "operator_email_taken"


class WeakPassword(Invalid):
    code = "weak_password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """`role` is for people; what the operator may do is in `scopes`."""

    id: OperatorId
    partner_id: PartnerId
    email: Email = field(repr=False)
    name: str = field(repr=False)
    role: str
    scopes: frozenset[str]
    password_hash: str = field(repr=False)
    created_at: datetime

    @property
    def actor(self) -> str:
        return f"operator:{self.id}"


def require_strong(password: str, context: tuple[str, ...]) -> None:
    """Length counts, composition does not; `context` are words that everybody would try."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise _weak(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    plain = password.casefold()
    if plain in _GUESSED_FIRST or len(set(plain)) < _FEWEST_CHARACTERS:
        raise _weak("this password is among the first that anybody would try")
    for word in context:
        if len(word) >= _SHORTEST_CONTEXT and word.casefold() in plain:
            raise _weak("the password contains the person's name or address")


def _weak(message: str) -> WeakPassword:
    return WeakPassword(
        message, field="password", way_out="Take four words that do not belong together."
    )
