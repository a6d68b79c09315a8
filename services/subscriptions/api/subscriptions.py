"""HTTP for looking at subscriptions: one, many, and what happened to one."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.subscriptions.api.bodies import PathId
from services.subscriptions.api.subscription_body import SubscriptionBody
from services.subscriptions.context import Context
from services.subscriptions.domain.labels import Facet, View, facets_called
from services.subscriptions.domain.subscription import (
    CustomerId,
    Status,
    SubscriptionId,
    SubscriptionKey,
)
from services.subscriptions.queries.history import Happening, list_history
from services.subscriptions.queries.subscriptions import (
    Filter,
    find_subscription,
    list_subscriptions,
)
from shared.access import Access, Forbidden
from shared.caller import Caller
from shared.errors import Invalid
from shared.http_lists import ListBody, Page

URL = "/v1/subscriptions"


class LabelUnknown(Invalid):
    code = "label_unknown"


class VersionMalformed(Invalid):
    code = "version_malformed"


class HappeningBody(BaseModel):
    object: Literal["subscription_event"] = "subscription_event"
    id: str
    version: int
    type: str
    status: str
    kind: str
    reason: str | None
    actor: str
    at: datetime
    causation_id: str
    correlation_id: str

    @classmethod
    def of(cls, happening: Happening) -> "HappeningBody":
        return cls(id=str(happening.version), **asdict(happening))


class Asking(BaseModel):
    """Which subscriptions to list. `label` is what the view calls them, as in `labels`."""

    status: Annotated[list[Status] | None, Query()] = None
    customer_id: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,40}$")] = None
    view: View = View.S0
    label: Annotated[str | None, Query(max_length=40, pattern=r"^[A-Za-z ]+$")] = None

    def filter(self, caller: Caller) -> Filter:
        """A customer sees his own, whatever he asks for."""
        customer_id = caller.customer_id or self.customer_id
        return Filter(CustomerId(customer_id) if customer_id else None, self.status, self._facets())

    def _facets(self) -> list[Facet] | None:
        if self.label is None:
            return None
        if found := facets_called(self.view, self.label):
            return found
        raise LabelUnknown(
            f"the view {self.view} calls nothing {self.label!r}",
            field="label",
            way_out="Use a word of that view, such as Active.",
        )


def subscription_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["subscriptions"])
    Reading = Annotated[Caller, Depends(access.requires("subscriptions:read"))]  # noqa: N806  a type

    @router.get("")
    async def look_through(
        asking: Annotated[Asking, Query()], page: Annotated[Page, Depends()], caller: Reading
    ) -> ListBody[SubscriptionBody]:
        which = asking.filter(caller)
        async with context.begin() as tx:
            found = await list_subscriptions(
                tx.sql, caller.partner_id, which, page.limit, page.starting_after
            )
        return ListBody.of([SubscriptionBody.of(each) for each in found], page, URL)

    @router.get("/{subscription_id}")
    async def look_at(subscription_id: PathId, caller: Reading) -> SubscriptionBody:
        key = SubscriptionKey(caller.partner_id, SubscriptionId(subscription_id))
        async with context.begin() as tx:
            subscription = await find_subscription(tx.sql, key)
        subscription.require_visible_to(asked_by(caller))
        return SubscriptionBody.of(subscription)

    @router.get("/{subscription_id}/history")
    async def look_back(
        subscription_id: PathId, page: Annotated[Page, Depends()], caller: Reading
    ) -> ListBody[HappeningBody]:
        key = SubscriptionKey(caller.partner_id, SubscriptionId(subscription_id))
        async with context.begin() as tx:
            subscription = await find_subscription(tx.sql, key)
            subscription.require_visible_to(asked_by(caller))
            found = await list_history(tx.sql, key, page.limit, _version(page.starting_after))
        bodies = [HappeningBody.of(each) for each in found]
        return ListBody.of(bodies, page, f"{URL}/{subscription_id}/history")

    return router


def asked_by(caller: Caller) -> CustomerId | None:
    return CustomerId(caller.customer_id) if caller.customer_id else None


def require_partner_side(caller: Caller) -> None:
    """A customer may end what is his, and neither lengthen it nor touch a hold."""
    if caller.customer_id is not None:
        raise Forbidden("a customer cannot do this", way_out="Ask the provider.")


def _version(starting_after: str | None) -> int | None:
    if starting_after is None:
        return None
    if starting_after.isascii() and starting_after.isdigit():
        return min(int(starting_after), 2**62)
    raise VersionMalformed(
        f"{starting_after!r} is no version",
        field="starting_after",
        way_out="Give the id of the last entry of the page before.",
    )
