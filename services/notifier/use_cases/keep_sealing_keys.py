"""Have a key to which secrets can be sealed, and destroy the ones that have expired."""

from datetime import datetime
from typing import Final

from services.notifier.domain.sealing_key import SealingKey, SealingKeyMade
from services.notifier.use_cases.ports import GeneratesKeys, Transaction
from shared.ids import PartnerId
from shared.timer import Timer

SEALING_KEY_RENEWAL: Final = "sealing_key_renewal"
SEALING_KEY_EXPIRY: Final = "sealing_key_expiry"
# Keys belong to no partner; the events still need one to be filed under.
PLATFORM: Final = PartnerId("ptn_platform")


async def keep_sealing_keys(tx: Transaction, generate: GeneratesKeys, now: datetime) -> None:
    """Doing it again changes nothing. `now` is real time, also where partners live in sandboxes."""
    keys = await tx.private_keys.all_locked()
    await tx.private_keys.destroy([each.kid for each in keys if each.expires_at <= now])
    if any(now < each.renew_at for each in keys):
        return
    key = SealingKey.of(generate(), now)
    await tx.private_keys.add(SealingKeyMade(key, now))
    await tx.timers.set(
        [
            Timer(SEALING_KEY_RENEWAL, key.kid, "", key.renew_at, PLATFORM, key.kid),
            Timer(SEALING_KEY_EXPIRY, key.kid, "", key.expires_at, PLATFORM, key.kid),
        ]
    )
