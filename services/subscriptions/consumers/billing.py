"""What this service does when billing speaks.

Every billing event carries the standing. Heard are those with which its status can move, or a
period is opened; the others (`invoice.issued`, `invoice.paid`, …) say nothing that these do not.
"""

from collections.abc import Sequence

from services.subscriptions.context import EdgeTransaction
from services.subscriptions.domain.renewal import OpenedBy, OpenedPeriod
from services.subscriptions.domain.standing import Standing, StandingStatus
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.obey_standings import ObeyStanding, obey_standings
from services.subscriptions.use_cases.open_periods import OpenPeriod, open_periods
from shared.consumer import Consumer
from shared.contracts import billing as contracts
from shared.contracts.billing import (
    DunningExhausted,
    InvoiceVoided,
    PaymentFailed,
    PaymentSucceeded,
    PeriodOpened,
    StandingEvent,
)
from shared.ids import PartnerId
from shared.received import Received

# A checkout's money that is another's, or was never taken: no method can be brought for it.
HOPELESS = {"reference_taken", "not_captured"}


def listen_to_billing(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(PeriodOpened)
    async def run_on(received: Sequence[Received[PeriodOpened]], tx: EdgeTransaction) -> None:
        commands = [_opened(each) for each in received]
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
        await open_periods(commands, tx, now_by_partner)

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
        period=OpenedPeriod(
            event.period.no, event.period.start, OpenedBy(event.by), event.anchor_on
        ),
        standing=_standing(told),
        reason=event.type,
        origin=received.origin,
    )


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
