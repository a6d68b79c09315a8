"""What the mail server made of a mail."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answers for it from now on."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Never as it is; `detail` says why, in words without personal data."""

    detail: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now, or nothing is known; the repeat bears the same Message-ID."""

    detail: str


Outcome: TypeAlias = Accepted | Refused | Deferred
