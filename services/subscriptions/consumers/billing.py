"""What this service does when billing speaks.

Every billing event carries the standing. Heard are those with which its status can move, or a
period is opened; the others (`invoice.issued`, `invoice.paid`, …) say nothing that these do not.
"""

from collections.abc import Sequence

from services.subscriptions.context import EdgeTransaction
from services.subscriptions.domain.order import OrderId, Refusal
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod
from services.subscriptions.domain.standing import Standing, StandingStatus
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.answer_orders import AnswerOrder, answer_orders
from services.subscriptions.use_cases.obey_standings import ObeyStanding, obey_standings
from services.subscriptions.use_cases.open_periods import OpenPeriod, open_periods
from shared.consumer import Consumer
from shared.contracts import billing as contracts
from shared.contracts.billing import (
    DunningExhausted,
    InvoiceVoided,
    OrderCleared,
    OrderDeclined,
    PaymentFailed,
    PaymentSucceeded,
    PeriodOpened,
    StandingEvent,
)
from shared.ids import PartnerId
from shared.origin import Origin
from shared.received import Received

# A checkout's money that is another's, or was never taken: no method can be brought for it.
HOPELESS = {"reference_taken", "not_captured"}


def listen_to_billing(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(PeriodOpened)
    async def run_on(received: Sequence[Received[PeriodOpened]], tx: EdgeTransaction) -> None:
        commands = [_opened(each) for each in received]
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
        await open_periods(commands, tx, now_by_partner)
        answers = [_answered(each.event, each.origin) for each in received if each.event.order_id]
        await answer_orders(answers, tx, now_by_partner)

    @consumer.on(OrderCleared)
    async def apply_orders(received: Sequence[Received[OrderCleared]], tx: EdgeTransaction) -> None:
        await _hear([_answered(each.event, each.origin) for each in received], tx)

    @consumer.on(OrderDeclined)
    async def refuse_orders(
        received: Sequence[Received[OrderDeclined]], tx: EdgeTransaction
    ) -> None:
        await _hear([_answered(each.event, each.origin) for each in received], tx)

    @consumer.on(PaymentSucceeded, PaymentFailed, DunningExhausted, InvoiceVoided)
    async def follow_the_standing(
        received: Sequence[Received[StandingEvent]], tx: EdgeTransaction
    ) -> None:
        commands = [_obeyed(each) for each in received]
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
        await obey_standings(commands, tx, now_by_partner)


def _opened(received: Received[PeriodOpened]) -> OpenPeriod:
    event, told = received.event, received.event.standing
    return OpenPeriod(
        partner_id=PartnerId(told.partner_id),
        subscription_id=SubscriptionId(told.subscription_id),
        period=_period(event),
        standing=_standing(told),
        reason=event.type,
        origin=received.origin,
    )


def _period(event: PeriodOpened) -> OpenedPeriod:
    return OpenedPeriod(
        event.period.no, event.period.start, OpenedBy(event.by), event.anchor_on, event.order_id
    )


async def _hear(commands: Sequence[AnswerOrder], tx: EdgeTransaction) -> None:
    now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
    await answer_orders(commands, tx, now_by_partner)


def _answered(event: OrderCleared | OrderDeclined | PeriodOpened, origin: Origin) -> AnswerOrder:
    told = event.standing
    return AnswerOrder(
        partner_id=PartnerId(told.partner_id),
        subscription_id=SubscriptionId(told.subscription_id),
        order_id=OrderId(event.order_id or ""),
        origin=origin,
        refusal=_refusal(event) if isinstance(event, OrderDeclined) else None,
        period=_period(event) if isinstance(event, PeriodOpened) else None,
    )


def _refusal(event: OrderDeclined) -> Refusal:
    return Refusal(event.code, None, event.message, event.way_out)


def _obeyed(received: Received[StandingEvent]) -> ObeyStanding:
    event, told = received.event, received.event.standing
    return ObeyStanding(
        partner_id=PartnerId(told.partner_id),
        subscription_id=SubscriptionId(told.subscription_id),
        standing=_standing(told),
        reason=event.type,
        hopeless=_hopeless(event),
        origin=received.origin,
    )


def _standing(told: contracts.Standing) -> Standing:
    return Standing(told.version, StandingStatus(told.status), told.paid_through)


def _hopeless(event: StandingEvent) -> str | None:
    if isinstance(event, PaymentFailed) and event.final and event.code in HOPELESS:
        return event.code
    return None
