"""The platform's keys for actor tokens: when one signs, and how long its word is believed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.ids import PartnerId

# Keys are the platform's, and every event belongs to somebody.
PLATFORM: Final = PartnerId("platform")
SIGNS_FOR: Final = timedelta(days=7)
# Tokens that it signed last are believed for a while after its successor has taken over.
OVERLAP: Final = timedelta(days=1)
# A new key waits until it is known everywhere.
SPREADS_WITHIN: Final = timedelta(minutes=1)
TOKEN_LASTS: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """`private` and `public` are JWKs (OKP, Ed25519)."""

    kid: str
    private: dict[str, Any] = field(repr=False)
    public: dict[str, Any]
    created_at: datetime

    @property
    def rotates_at(self) -> datetime:
        """From then on it needs a successor."""
        return self.created_at + SIGNS_FOR

    @property
    def expires_at(self) -> datetime:
        return self.rotates_at + OVERLAP


def signer(keys: Sequence[SigningKey], at: datetime) -> SigningKey | None:
    """Of the keys not expired the newest that everybody knows; the newest, where none is."""
    living = sorted((key for key in keys if at < key.expires_at), key=lambda key: key.created_at)
    known = [key for key in living if key.created_at <= at - SPREADS_WITHIN]
    return next(reversed(known or living), None)
