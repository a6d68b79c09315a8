"""HTTP for what the subscriptions are worth a month."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.subscriptions.api.subscriptions import require_partner_side
from services.subscriptions.context import Context
from services.subscriptions.domain.recurring_revenue import (
    DEFINITION,
    RecurringRevenue,
    recurring_revenue,
    rounded,
)
from services.subscriptions.queries.recurring_revenue import revenue_groups
from shared.access import Access
from shared.caller import Caller

URL = "/v1/metrics/mrr"


class RecurringRevenueBody(BaseModel):
    """Of one currency, in its minor units, ex tax; `subscriptions` are those that are counted."""

    object: Literal["recurring_revenue"] = "recurring_revenue"
    currency: str
    subscriptions: int
    mrr_minor: int
    arr_minor: int
    at_risk_mrr_minor: int
    committed_mrr_minor: int
    trial_mrr_minor: int
    paused_mrr_minor: int

    @classmethod
    def of(cls, revenue: RecurringRevenue) -> "RecurringRevenueBody":
        return cls(
            currency=revenue.currency,
            subscriptions=revenue.subscriptions,
            mrr_minor=rounded(revenue.mrr),
            arr_minor=rounded(revenue.arr),
            at_risk_mrr_minor=rounded(revenue.at_risk),
            committed_mrr_minor=rounded(revenue.committed),
            trial_mrr_minor=rounded(revenue.trial),
            paused_mrr_minor=rounded(revenue.paused),
        )


class MetricBody(BaseModel):
    """What is known to this service at `as_of`, the partner's time."""

    object: Literal["metric"] = "metric"
    metric: Literal["mrr"] = "mrr"
    definition_version: str = DEFINITION
    as_of: datetime
    data: list[RecurringRevenueBody]


def metric_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(tags=["metrics"])
    Reading = Annotated[Caller, Depends(access.requires("subscriptions:read"))]  # noqa: N806  a type

    @router.get(URL)
    async def monthly_recurring_revenue(caller: Reading) -> MetricBody:
        require_partner_side(caller)
        async with context.begin() as tx:
            as_of = await tx.clocks.now(caller.partner_id)
            groups = await revenue_groups(tx.sql, caller.partner_id)
        found = [RecurringRevenueBody.of(each) for each in recurring_revenue(groups)]
        return MetricBody(as_of=as_of, data=found)

    return router
