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
        # Sorted, so that two consumers of several clocks wait for each other and never lock up.
        for clock in sorted((each.event.clock for each in received), key=lambda c: c.partner_id):
            await tx.clocks.step(
                PartnerId(clock.partner_id),
                clock.id,
                clock.now,
                Place(clock.step, clock.phase, clock.round),
                clock.turn,
            )
