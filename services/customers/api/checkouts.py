"""HTTP for checkouts: what arrived and what became of it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.customers.api.bodies import PLAIN, PathId
from services.customers.context import Context
from services.customers.domain.checkout import CheckoutNotFound
from services.customers.queries.checkouts import CheckoutRow, list_checkouts, show_checkout
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page

URL = "/v1/checkouts"


class CheckoutBody(BaseModel):
    """`checkout_id` is the upstream's own id; `rejection` says why nothing came of it."""

    object: Literal["checkout"] = "checkout"
    id: str
    checkout_id: str
    source: str
    status: str
    customer_id: str | None
    subscription_id: str | None
    offer: str
    currency: str
    items: list[dict[str, Any]]
    timezone: str
    payment: dict[str, Any]
    metadata: dict[str, str]
    rejection: dict[str, Any] | None
    received_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, checkout: CheckoutRow) -> "CheckoutBody":
        return cls(**{name: getattr(checkout, name) for name in CheckoutRow.__dataclass_fields__})


def checkout_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["checkouts"])
    Reading = Annotated[Caller, Depends(access.requires("checkouts:read"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(
        caller: Reading,
        page: Annotated[Page, Depends()],
        status: Literal["accepted", "fulfilled", "rejected"] | None = None,
        checkout_id: Annotated[str | None, Query(max_length=200, pattern=PLAIN)] = None,
        customer_id: Annotated[str | None, Query(max_length=40, pattern=PLAIN)] = None,
    ) -> ListBody[CheckoutBody]:
        async with context.begin() as tx:
            rows = await list_checkouts(
                tx.sql,
                caller.partner_id,
                status=status,
                reference=checkout_id,
                customer_id=customer_id,
                starting_after=page.starting_after,
                limit=page.limit + 1,
            )
        return ListBody.of([CheckoutBody.of(row) for row in rows], page, URL)

    @router.get("/{id}")
    async def show(id: PathId, caller: Reading) -> CheckoutBody:  # noqa: A002  its name in the path
        async with context.begin() as tx:
            row = await show_checkout(tx.sql, caller.partner_id, id)
        if row is None:
            raise CheckoutNotFound(f"no checkout {id}")
        return CheckoutBody.of(row)

    return router
