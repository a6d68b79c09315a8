"""What this service does when subscriptions speaks."""

from collections.abc import Sequence
from typing import Any, Final

from services.notifier.consumers.heard import about_subscription, subscription_of
from services.notifier.context import EdgeTransaction
from services.notifier.domain.occasion import Occasion, What
from services.notifier.domain.people import Offer
from services.notifier.use_cases.follow_subscriptions import follow_subscriptions
from shared.consumer import Consumer
from shared.contracts.subscriptions import (
    OfferPublished,
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


def listen_to_subscriptions(consumer: Consumer[EdgeTransaction]) -> None:
    @consumer.on(
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
    async def follow(received: Sequence[Received[SubscriptionEvent]], tx: EdgeTransaction) -> None:
        told = [subscription_of(each.event.subscription) for each in received]
        occasions = [found for each in received if (found := occasion_of(each))]
        now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in told})
        await follow_subscriptions(told, occasions, tx, now_by_partner)

    @consumer.on(OfferPublished)
    async def learn_names(
        received: Sequence[Received[OfferPublished]], tx: EdgeTransaction
    ) -> None:
        await tx.directory.put_offers(
            [
                Offer(PartnerId(offer.partner_id), offer.code, offer.version, offer.name)
                for offer in (each.event.offer for each in received)
            ]
        )


PLAIN: Final[dict[type[SubscriptionEvent], What]] = {
    SubscriptionResumed: What.RESUMED,
    SubscriptionCanceled: What.CANCELED,
    SubscriptionTerminated: What.TERMINATED,
}


def occasion_of(each: Received[Any]) -> Occasion | None:
    """None: nobody has to be told."""
    event: SubscriptionEvent = each.event
    match event:
        case SubscriptionActivated():
            return about_subscription(each, What.ACTIVATED, {}, event.credentials)
        case SubscriptionSuspended():
            facts = {"hold": event.hold.kind, "reason": event.hold.reason}
            return about_subscription(each, What.SUSPENDED, facts)
        case SubscriptionExtended():
            return about_subscription(each, What.EXTENDED, _extension(event))
        case _:
            what = PLAIN.get(type(event))
            return about_subscription(each, what, {}) if what else None


def _extension(event: SubscriptionExtended) -> dict[str, str | int | None]:
    return {
        "intervals": event.intervals,
        "until": event.until.isoformat() if event.until else None,
        "paid_externally_minor": event.paid_externally_minor,
    }
