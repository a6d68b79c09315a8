"""HTTP for ordering the end of a subscription and taking it back: a customer may, too."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.subscriptions.api.bodies import Asked, PathId, Reason
from services.subscriptions.api.subscription_body import SubscriptionBody
from services.subscriptions.api.subscriptions import URL, asked_by, require_partner_side
from services.subscriptions.context import Context
from services.subscriptions.domain.ending import When
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.cancel_subscription import (
    CancelSubscription,
    cancel_subscription,
)
from services.subscriptions.use_cases.uncancel_subscription import (
    UncancelSubscription,
    uncancel_subscription,
)
from shared.access import Access
from shared.caller import Caller
from shared.idempotency import require_idempotency_key


class CancelRequest(Asked):
    at: When = When.PERIOD_END
    reason: Reason
    release_from_minimum_term: bool = False


def cancellation_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["subscriptions"])
    Writing = Annotated[Caller, Depends(access.requires("subscriptions:write"))]  # noqa: N806  a type

    @router.post("/{subscription_id}/cancel", dependencies=[Depends(require_idempotency_key)])
    async def cancel(
        subscription_id: PathId, body: CancelRequest, caller: Writing
    ) -> SubscriptionBody:
        if body.release_from_minimum_term:
            require_partner_side(caller)
        command = CancelSubscription(
            caller.partner_id,
            SubscriptionId(subscription_id),
            asked_by(caller),
            body.at,
            body.reason,
            body.release_from_minimum_term,
            caller.origin,
        )
        return SubscriptionBody.of(
            await context.perform(cancel_subscription, command, caller.partner_id)
        )

    @router.post("/{subscription_id}/uncancel", dependencies=[Depends(require_idempotency_key)])
    async def uncancel(subscription_id: PathId, caller: Writing) -> SubscriptionBody:
        command = UncancelSubscription(
            caller.partner_id, SubscriptionId(subscription_id), asked_by(caller), caller.origin
        )
        return SubscriptionBody.of(
            await context.perform(uncancel_subscription, command, caller.partner_id)
        )

    return router
