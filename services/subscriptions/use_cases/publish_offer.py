"""Put an offer into the catalog, or its next version."""

from dataclasses import dataclass
from datetime import datetime

from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.offer import Offer, publish
from services.subscriptions.use_cases.ports import Transaction
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class PublishOffer:
    draft: Offer
    origin: Origin


async def publish_offer(command: PublishOffer, tx: Transaction, now: datetime) -> Offer:
    """The same offer again is the same version."""
    known = await tx.offers.find_many({command.draft.key})
    cause = Cause("published", command.origin.actor, now)
    offer, events = publish(known.get(command.draft.key), command.draft, cause)
    if events:
        await tx.offers.save(offer, events, command.origin)
    return offer
