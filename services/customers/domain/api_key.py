"""An API key: the credential of a partner's own systems, known here by its hash alone."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple, NewType, TypeAlias

from shared.errors import NotFound, Stale
from shared.ids import PartnerId, is_sandbox

ApiKeyId = NewType("ApiKeyId", str)
_SECRET_BYTES: Final = 32


class ApiKeyKey(NamedTuple):
    partner_id: PartnerId
    id: ApiKeyId


class ApiKeyNotFound(NotFound):
    code = "api_key_not_found"


class ApiKeyStale(Stale):
    code = "api_key_stale"


class ApiKeyStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


class ApiKeyChange(StrEnum):
    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiKeyChanged:
    api_key: "ApiKey"
    kind: ApiKeyChange
    at: datetime


ApiKeyEvent: TypeAlias = ApiKeyChanged


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """`hint` is the end of the secret, so that a person can tell two keys apart."""

    id: ApiKeyId
    partner_id: PartnerId
    version: int
    hash: str
    hint: str
    scopes: tuple[str, ...]
    status: ApiKeyStatus
    created_at: datetime

    @classmethod
    def issue(
        cls, key: ApiKeyKey, secret: str, scopes: frozenset[str], at: datetime
    ) -> tuple["ApiKey", list[ApiKeyEvent]]:
        api_key = cls(
            id=key.id,
            partner_id=key.partner_id,
            version=1,
            hash=sha256(secret.encode()).hexdigest(),
            hint=secret[-4:],
            scopes=tuple(sorted(scopes)),
            status=ApiKeyStatus.ACTIVE,
            created_at=at,
        )
        return api_key, [ApiKeyChanged(replace(api_key), ApiKeyChange.ISSUED, at)]

    @property
    def key(self) -> ApiKeyKey:
        return ApiKeyKey(self.partner_id, self.id)

    def revoke(self, at: datetime) -> list[ApiKeyEvent]:
        """For ever; a second time says nothing new."""
        if self.status is ApiKeyStatus.REVOKED:
            return []
        self.status = ApiKeyStatus.REVOKED
        self.version += 1
        return [ApiKeyChanged(replace(self), ApiKeyChange.REVOKED, at)]


def new_secret(partner_id: PartnerId) -> str:
    """256 bits; the prefix tells people, and scanners for leaked secrets, what it is."""
    prefix = "sk_test_" if is_sandbox(partner_id) else "sk_live_"
    return prefix + secrets.token_urlsafe(_SECRET_BYTES)
