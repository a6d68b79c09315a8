"""Rotates the key that signs actor tokens, in real time."""

from collections.abc import Sequence
from typing import Final

from services.customers.context import Context, EdgeTransaction
from services.customers.domain.signing_key import PLATFORM, SigningKey
from services.customers.use_cases.rotate_signing_key import rotate_signing_key
from shared.origin import Origin
from shared.timer import Due, Timer
from shared.timer_loop import TimerLoop

KIND: Final = "signing_key_rotates"
SUBJECT: Final = "signing_key"


def fire_rotations(timers: TimerLoop[EdgeTransaction], context: Context) -> None:
    @timers.on(KIND)
    async def rotate(due: Sequence[Due], tx: EdgeTransaction) -> None:
        await see_to_a_signing_key(context, tx, due[0].origin)


async def see_to_a_signing_key(context: Context, tx: EdgeTransaction, origin: Origin) -> SigningKey:
    """Called at start too: the first start makes the first key."""
    key = await rotate_signing_key(tx, context.tokens.new_key, origin, context.live_now())
    await tx.timers.set(
        [Timer(KIND, SUBJECT, key.kid, key.rotates_at, PLATFORM, origin.correlation_id)]
    )
    return key
