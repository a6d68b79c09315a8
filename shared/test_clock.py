"""Following a sandbox partner's test clock."""

from collections.abc import Sequence
from typing import Any, TypeVar

from shared.clock import Place
from shared.consumer import Consumer
from shared.contracts.customers import ClockStepped
from shared.ids import PartnerId
from shared.received import Received

Tx = TypeVar("Tx", bound=Any)


def listen_for_clocks(consumer: Consumer[Tx]) -> None:
    @consumer.on(ClockStepped)
    async def follow_the_clock(received: Sequence[Received[ClockStepped]], tx: Tx) -> None:
        for each in received:
            clock = each.event.clock
            await tx.clocks.step(
                PartnerId(clock.partner_id),
                clock.id,
                clock.now,
                Place(clock.step, clock.phase, clock.round),
                clock.turn,
            )
