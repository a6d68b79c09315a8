"""What the services say of their work at a stop of a test clock."""

from collections.abc import Sequence

from services.customers.context import Context, EdgeTransaction
from services.customers.domain.clock_answer import Answer, Place
from services.customers.domain.sandbox_clock import SandboxClockId, SandboxClockKey
from services.customers.use_cases.lead_clocks import HearAnswer, lead_clocks
from shared.consumer import Consumer
from shared.contracts.clock import ClockSettled
from shared.ids import PartnerId
from shared.received import Received


def listen_to_followers(consumer: Consumer[EdgeTransaction], context: Context) -> None:
    @consumer.on(ClockSettled)
    async def hear_answers(received: Sequence[Received[ClockSettled]], tx: EdgeTransaction) -> None:
        commands = [_to_command(each) for each in received]
        await lead_clocks(commands, tx, context.followers, context.live_now())


def _to_command(each: Received[ClockSettled]) -> HearAnswer:
    settled = each.event.settled
    return HearAnswer(
        SandboxClockKey(PartnerId(settled.partner_id), SandboxClockId(settled.clock_id)),
        Answer(
            service=settled.service,
            version=settled.version,
            place=Place(settled.step, settled.phase, settled.round),
            next_due_at=settled.next_due_at,
            sent=settled.sent,
            handled=settled.handled,
            reads=settled.reads,
            open_effects=settled.open_effects,
            open=settled.open,
            stuck=settled.stuck,
        ),
        each.origin,
    )
