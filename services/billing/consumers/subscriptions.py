"""What billing does when the subscriptions service speaks: every version once, in its turn."""

from collections.abc import Sequence

from services.billing.consumers.terms import terms_of
from services.billing.context import Context, EdgeTransaction
from services.billing.domain.contract import CheckoutId, SubscriptionId, SubscriptionKey
from services.billing.domain.first_period import CheckoutMoney
from services.billing.domain.following import Extension, Word
from services.billing.use_cases.follow_subscriptions import Heard, follow_subscriptions
from shared.clock import system_now
from shared.consumer import Consumer
from shared.contracts.event import Message
from shared.contracts.subscriptions import (
    ProvisioningFailed,
    SubscriptionActivated,
    SubscriptionCanceled,
    SubscriptionChanged,
    SubscriptionCreated,
    SubscriptionEvent,
    SubscriptionExtended,
    SubscriptionPastDue,
    SubscriptionRecovered,
    SubscriptionRenewed,
    SubscriptionResumed,
    SubscriptionSuspended,
    SubscriptionTerminated,
    SubscriptionUncanceled,
)
from shared.ids import PartnerId
from shared.received import Received

# All topics of the aggregate, since its versions run through all of them without a gap.
ALL: Sequence[type[SubscriptionEvent]] = (
    SubscriptionCreated,
    SubscriptionActivated,
    SubscriptionChanged,
    SubscriptionRenewed,
    SubscriptionPastDue,
    SubscriptionRecovered,
    SubscriptionExtended,
    SubscriptionSuspended,
    SubscriptionResumed,
    SubscriptionCanceled,
    SubscriptionUncanceled,
    SubscriptionTerminated,
    ProvisioningFailed,
)
CONTRACTS: dict[str, type[Message]] = {each.type: each for each in ALL}


def listen_to_subscriptions(consumer: Consumer[EdgeTransaction], context: Context) -> None:
    @consumer.on(*ALL)
    async def follow(received: Sequence[Received[SubscriptionEvent]], tx: EdgeTransaction) -> None:
        turn = await tx.held.in_sequence(received, CONTRACTS, system_now())
        heard = [_heard(each, context.default_gateway) for each in turn]
        now = await tx.clocks.now_by_partner({each.key.partner_id for each in heard})
        await follow_subscriptions(heard, tx, now)


def _heard(received: Received[SubscriptionEvent], default_gateway: str) -> Heard:
    event, state = received.event, received.event.subscription
    return Heard(
        key=SubscriptionKey(PartnerId(state.partner_id), SubscriptionId(state.id)),
        checkout_id=CheckoutId(state.checkout_id) if state.checkout_id else None,
        word=Word(terms_of(state), event.change.at, _extension(event)),
        origin=received.origin,
        money=_money(event, default_gateway),
    )


def _money(event: SubscriptionEvent, default_gateway: str) -> CheckoutMoney | None:
    if not isinstance(event, SubscriptionCreated):
        return None
    told = event.payment
    return CheckoutMoney(
        status=told.status,
        gateway=told.gateway or default_gateway,
        reference=told.reference,
        method_ref=told.method_ref,
    )


def _extension(event: SubscriptionEvent) -> Extension | None:
    if not isinstance(event, SubscriptionExtended):
        return None
    return Extension(
        event.grant_id, event.intervals, event.paid_externally_minor, event.until is not None
    )
