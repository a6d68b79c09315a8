"""Take a credential back."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.api_key import ApiKey, ApiKeyId, ApiKeyKey
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    partner_id: PartnerId
    api_key_id: ApiKeyId
    origin: Origin


async def revoke_api_key(command: RevokeApiKey, tx: Transaction, now: datetime) -> ApiKey:
    api_key = await tx.api_keys.get(ApiKeyKey(command.partner_id, command.api_key_id))
    events = api_key.revoke(now)
    await tx.api_keys.save(api_key, events, command.origin)
    return api_key
