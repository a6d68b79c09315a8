"""Take in whether the money that checkouts say they captured is really there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.billing.domain.charge import Charge
from services.billing.domain.contract import SubscriptionKey
from services.billing.domain.first_period import confirm, refuse
from services.billing.domain.renewal import plan_renewal
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import NotFound, Transaction
from shared.ids import PartnerId
from shared.origin import Origin

ACTOR = "service:billing"


async def settle_verifications(
    answered: Sequence[tuple[SubscriptionKey, Charge | NotFound]],
    tx: Transaction,
    now: Mapping[PartnerId, datetime],
) -> None:
    """What was called off or answered meanwhile stays as it is."""
    if not answered:
        return
    books = await tx.books.get_many({key for key, _ in answered})
    acts = Acts()
    for key, answer in answered:
        of_subscription, at = books[key], now[key.partner_id]
        if isinstance(answer, Charge):
            confirm(of_subscription, answer, at, ACTOR)
        else:
            refuse(of_subscription, at)
        plan_renewal(of_subscription, at)
        contract = of_subscription.contract
        acts.note(of_subscription, Origin(ACTOR, f"verification:{key.id}", contract.correlation_id))
    await acts.save(tx.books, now)
