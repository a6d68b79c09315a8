"""The keys to which others seal secrets: how long one lives, and when the next one is due."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

LIFE: Final = timedelta(days=14)
RENEWED_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Fresh from the generator: JWKs of both halves."""

    kid: str
    public: dict[str, Any]
    private: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """Lives in real time. Two overlap, so that a seal made with the older one can be opened."""

    kid: str
    public: dict[str, Any]
    private: dict[str, Any] = field(repr=False)
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, pair: KeyPair, at: datetime) -> Self:
        return cls(pair.kid, pair.public, pair.private, at, at + LIFE)

    @property
    def renew_at(self) -> datetime:
        return self.created_at + RENEWED_AFTER


@dataclass(frozen=True, slots=True)
class SealingKeyMade:
    key: SealingKey
    at: datetime
