"""HTTP for cutting a subscription's access and giving it back."""

from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.subscriptions.api.bodies import Asked, PathId, Reason
from services.subscriptions.api.subscription_body import SubscriptionBody
from services.subscriptions.api.subscriptions import URL, require_partner_side
from services.subscriptions.context import Context
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.use_cases.lift_hold import LiftHold, lift_hold
from services.subscriptions.use_cases.place_hold import PlaceHold, place_hold
from shared.access import Access
from shared.caller import Caller

# The others follow from facts: billing's standing, the end of the term.
OperatorHold: TypeAlias = Literal[HoldKind.ABUSE, HoldKind.REQUESTED, HoldKind.FRAUD_REVIEW]


class HoldRequest(Asked):
    reason: Reason
    expires_at: AwareDatetime | None = None


def hold_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=f"{URL}/{{subscription_id}}/holds", tags=["subscriptions"])
    Writing = Annotated[Caller, Depends(access.requires("subscriptions:write"))]  # noqa: N806  a type

    @router.put("/{kind}")
    async def place(
        subscription_id: PathId, kind: OperatorHold, body: HoldRequest, caller: Writing
    ) -> SubscriptionBody:
        require_partner_side(caller)
        command = PlaceHold(
            caller.partner_id,
            SubscriptionId(subscription_id),
            kind,
            body.reason,
            body.expires_at,
            caller.origin,
        )
        return SubscriptionBody.of(await context.perform(place_hold, command, caller.partner_id))

    @router.delete("/{kind}")
    async def lift(
        subscription_id: PathId, kind: OperatorHold, caller: Writing
    ) -> SubscriptionBody:
        require_partner_side(caller)
        command = LiftHold(caller.partner_id, SubscriptionId(subscription_id), kind, caller.origin)
        return SubscriptionBody.of(await context.perform(lift_hold, command, caller.partner_id))

    return router
