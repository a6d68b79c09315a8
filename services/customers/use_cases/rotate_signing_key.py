"""See to it that there is a key to sign actor tokens with, and that everybody knows it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.customers.domain.signing_key import SigningKey
from services.customers.use_cases.ports import Transaction
from shared.origin import Origin

BUCKETS_KEPT_FOR: Final = timedelta(days=1)


async def rotate_signing_key(
    tx: Transaction, make: Callable[[datetime], SigningKey], origin: Origin, now: datetime
) -> SigningKey:
    """The newest key; a new one where the last should sign no longer. Replicas make one together."""
    await tx.signing_keys.take_turns()
    newest = max(await tx.signing_keys.living(now), key=lambda key: key.created_at, default=None)
    if newest is not None and now < newest.rotates_at:
        return newest
    made = make(now)
    await tx.signing_keys.add(made, origin, now)
    await tx.sign_ins.forget_idle(now - BUCKETS_KEPT_FOR)
    return made
