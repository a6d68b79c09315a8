"""HTTP for lengthening a subscription."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from services.subscriptions.api.bodies import Asked, PathId, Reason
from services.subscriptions.api.subscription_body import SubscriptionBody
from services.subscriptions.api.subscriptions import URL, require_partner_side
from services.subscriptions.context import Context
from services.subscriptions.domain.extension import Grant
from services.subscriptions.domain.offer import LARGEST_MINOR
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.extend_subscription import (
    ExtendSubscription,
    extend_subscription,
)
from shared.access import Access
from shared.caller import Caller
from shared.idempotency import require_idempotency_key
from shared.ids import derived_id

MOST = 10_000


class ExtendRequest(Asked):
    """Either so many `intervals` or `until` a day; what was paid elsewhere is 0 for a gift."""

    intervals: Annotated[int, Field(ge=-MOST, le=MOST)] = 0
    until: date | None = None
    note: Reason
    paid_externally_minor: Annotated[int, Field(ge=-LARGEST_MINOR, le=LARGEST_MINOR)] = 0


def extension_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["subscriptions"])
    Writing = Annotated[Caller, Depends(access.requires("subscriptions:write"))]  # noqa: N806  a type

    @router.post("/{subscription_id}/extend", dependencies=[Depends(require_idempotency_key)])
    async def extend(
        subscription_id: PathId, body: ExtendRequest, caller: Writing
    ) -> SubscriptionBody:
        require_partner_side(caller)
        # Named after the request, so that one that is sent again grants nothing more.
        grant_id = derived_id("grt", caller.partner_id, subscription_id, caller.request_key)
        command = ExtendSubscription(
            caller.partner_id,
            SubscriptionId(subscription_id),
            Grant(grant_id, body.intervals, body.until, body.paid_externally_minor),
            body.note,
            caller.origin,
        )
        return SubscriptionBody.of(
            await context.perform(extend_subscription, command, caller.partner_id)
        )

    return router
