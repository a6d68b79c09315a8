"""Let an upstream publish checkouts for a partner."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.source import Source, SourceId, require_source_uri
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId, new_id


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """`signs` asks for a key; its checkouts are then believed only with a signature."""

    partner_id: PartnerId
    uri: str
    trusted_for_prices: bool
    signs: bool


async def register_source(command: RegisterSource, tx: Transaction, now: datetime) -> Source:
    """The key is in the answer to this alone; here it stays, since signatures need it."""
    require_source_uri(command.uri)
    source = Source(
        id=SourceId(new_id("src")),
        partner_id=command.partner_id,
        uri=command.uri,
        trusted_for_prices=command.trusted_for_prices,
        signing_key=f"whsec_{secrets.token_hex(32)}" if command.signs else None,
        created_at=now,
    )
    await tx.sources.add(source)
    return source
