"""HTTP for what must be paid first: order an ended subscription back, look what became of it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.subscriptions.api.bodies import Asked, PathId, Reason
from services.subscriptions.api.subscriptions import URL, asked_by, require_partner_side
from services.subscriptions.context import Context
from services.subscriptions.domain.gated_order import Gate, GatedOrder
from services.subscriptions.domain.order import OrderId, OrderKind, OrderStatus, Refusal
from services.subscriptions.domain.subscription import SubscriptionId
from services.subscriptions.queries.orders import find_order
from services.subscriptions.queries.subscriptions import find_subscription
from services.subscriptions.use_cases.reactivate_subscription import (
    ReactivateSubscription,
    reactivate_subscription,
)
from shared.access import EVERYTHING, Access, Forbidden
from shared.caller import Caller
from shared.errors import Invalid
from shared.idempotency import require_idempotency_key
from shared.ids import derived_id

# To let a period run unpaid is an act upon money.
UNPAID_SCOPE = "billing:write"


class ReasonMissing(Invalid):
    code = "reason_missing"


class ReactivateRequest(Asked):
    """Gate `none` lets it pass unpaid, which somebody answers for with a reason."""

    gate: Gate = Gate.PAYMENT
    reason: Reason | None = None


class RefusalBody(BaseModel):
    code: str
    message: str
    way_out: str

    @classmethod
    def of(cls, it: Refusal | None) -> "RefusalBody | None":
        if it is None:
            return None
        return cls(code=it.code, message=it.message, way_out=it.way_out)


class OrderBody(BaseModel):
    object: Literal["order"] = "order"
    id: str
    version: int
    kind: OrderKind
    status: OrderStatus
    subscription_id: str
    gate: Gate
    currency: str
    total_minor: int
    placed_at: datetime
    expires_at: datetime
    refusal: RefusalBody | None

    @classmethod
    def of(cls, it: GatedOrder) -> "OrderBody":
        return cls(
            id=it.id,
            version=it.version,
            kind=it.kind,
            status=it.status,
            subscription_id=it.subscription_id,
            gate=it.gate,
            currency=it.currency,
            total_minor=it.total_minor,
            placed_at=it.placed_at,
            expires_at=it.expires_at,
            refusal=RefusalBody.of(it.refusal),
        )


def order_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["orders"])
    Reading = Annotated[Caller, Depends(access.requires("subscriptions:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("subscriptions:write"))]  # noqa: N806  a type

    @router.post(
        f"{URL.removeprefix('/v1')}/{{subscription_id}}/reactivate",
        status_code=202,
        dependencies=[Depends(require_idempotency_key)],
    )
    async def reactivate(
        subscription_id: PathId, body: ReactivateRequest, caller: Writing
    ) -> OrderBody:
        """The order, which billing will answer: look at it again, or read its topics."""
        if body.gate is Gate.NONE:
            _require_unpaid_allowed(body, caller)
        command = ReactivateSubscription(
            OrderId(derived_id("ord", caller.partner_id, subscription_id, caller.request_key)),
            caller.partner_id,
            SubscriptionId(subscription_id),
            asked_by(caller),
            body.gate,
            body.reason or "reactivated",
            caller.origin,
        )
        return OrderBody.of(
            await context.perform(reactivate_subscription, command, caller.partner_id)
        )

    @router.get("/orders/{order_id}")
    async def look_at(order_id: PathId, caller: Reading) -> OrderBody:
        async with context.begin() as tx:
            order = await find_order(tx.sql, caller.partner_id, OrderId(order_id))
            subscription = await find_subscription(tx.sql, order.key)
        subscription.require_visible_to(asked_by(caller))
        return OrderBody.of(order)

    return router


def _require_unpaid_allowed(body: ReactivateRequest, caller: Caller) -> None:
    require_partner_side(caller)
    if not {UNPAID_SCOPE, EVERYTHING} & caller.scopes:
        raise Forbidden(
            f"gate none takes the scope {UNPAID_SCOPE}",
            way_out="Use a credential with that scope, or leave the gate to payment.",
        )
    if body.reason is None:
        raise ReasonMissing(
            "gate none takes a reason", field="reason", way_out="Say why nothing is to be paid."
        )
