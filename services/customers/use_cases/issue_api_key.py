"""Give a partner's system a credential."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.api_key import ApiKey, ApiKeyId, ApiKeyKey, new_secret
from services.customers.domain.scopes import require_grantable
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId, new_id
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class IssueApiKey:
    """`own_scopes` are those of whoever asks."""

    partner_id: PartnerId
    scopes: frozenset[str]
    own_scopes: frozenset[str]
    origin: Origin


async def issue_api_key(command: IssueApiKey, tx: Transaction, now: datetime) -> tuple[ApiKey, str]:
    """The key and its secret, which nobody knows afterwards."""
    require_grantable(command.scopes, command.own_scopes)
    secret = new_secret(command.partner_id)
    key = ApiKeyKey(command.partner_id, ApiKeyId(new_id("key")))
    api_key, events = ApiKey.issue(key, secret, command.scopes, now)
    await tx.api_keys.save(api_key, events, command.origin)
    return api_key, secret
