"""HTTP for the catalog: publish an offer, look at what is sold."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from services.subscriptions.api.bodies import Asked, IntervalBody, Name
from services.subscriptions.context import Context
from services.subscriptions.domain.offer import (
    EndOfTerm,
    Offer,
    OfferId,
    OfferKey,
    OfferProduct,
)
from services.subscriptions.queries.offers import find_offer, list_offers
from services.subscriptions.use_cases.publish_offer import PublishOffer, publish_offer
from shared.access import Access
from shared.calendar import Interval
from shared.caller import Caller
from shared.errors import Invalid
from shared.http_lists import ListBody, Page
from shared.ids import PartnerId, derived_id

URL = "/v1/offers"


class SchemaMalformed(Invalid):
    code = "schema_malformed"


class ProductBody(Asked):
    """`prices_minor` by currency; `configuration_schema` is a JSON Schema (2020-12)."""

    code: Name
    name: Name
    prices_minor: Annotated[dict[str, int], Field(max_length=200)]
    configuration_schema: dict[str, Any] = Field(default_factory=dict)


class PublishOfferRequest(Asked):
    code: Name
    name: Name
    interval: IntervalBody
    trial_days: int = 0
    minimum_periods: int = 0
    end_of_term: EndOfTerm = EndOfTerm.SUSPEND
    products: Annotated[list[ProductBody], Field(max_length=100)]

    def draft(self, partner_id: PartnerId) -> Offer:
        return Offer(
            id=OfferId(derived_id("off", partner_id, self.code)),
            partner_id=partner_id,
            code=self.code,
            name=self.name,
            interval=Interval(self.interval.unit, self.interval.count),
            trial_days=self.trial_days,
            minimum_periods=self.minimum_periods,
            end_of_term=self.end_of_term,
            products=tuple(OfferProduct(**each.model_dump()) for each in self.products),
        )


class OfferBody(BaseModel):
    object: Literal["offer"] = "offer"
    id: str
    version: int
    code: str
    name: str
    interval: IntervalBody
    trial_days: int
    minimum_periods: int
    end_of_term: EndOfTerm
    products: list[ProductBody]

    @classmethod
    def of(cls, offer: Offer) -> "OfferBody":
        return cls(
            id=offer.id,
            version=offer.version,
            code=offer.code,
            name=offer.name,
            interval=IntervalBody.of(offer.interval),
            trial_days=offer.trial_days,
            minimum_periods=offer.minimum_periods,
            end_of_term=offer.end_of_term,
            products=[
                ProductBody(
                    code=each.code,
                    name=each.name,
                    prices_minor=dict(each.prices_minor),
                    configuration_schema=dict(each.configuration_schema),
                )
                for each in offer.products
            ],
        )


def offer_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["offers"])
    Reading = Annotated[Caller, Depends(access.requires("offers:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("offers:write"))]  # noqa: N806  a type

    @router.post("", status_code=201)
    async def publish(body: PublishOfferRequest, caller: Writing) -> OfferBody:
        """A code names one offer: published again it is the same, or its next version."""
        _check_schemas(body, context)
        command = PublishOffer(body.draft(caller.partner_id), caller.origin)
        return OfferBody.of(await context.perform(publish_offer, command, caller.partner_id))

    @router.get("")
    async def look_through(
        page: Annotated[Page, Depends()], caller: Reading
    ) -> ListBody[OfferBody]:
        async with context.begin() as tx:
            found = await list_offers(tx.sql, caller.partner_id, page.limit, page.starting_after)
        return ListBody.of([OfferBody.of(each) for each in found], page, URL)

    @router.get("/{code}")
    async def look_at(
        code: Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")], caller: Reading
    ) -> OfferBody:
        async with context.begin() as tx:
            return OfferBody.of(await find_offer(tx.sql, OfferKey(caller.partner_id, code)))

    return router


def _check_schemas(body: PublishOfferRequest, context: Context) -> None:
    for n, product in enumerate(body.products):
        fault = context.find_fault(product.configuration_schema)
        if fault is not None:
            raise SchemaMalformed(
                f"the schema of {product.code} is none: {fault.message}",
                field=f"products.{n}.configuration_schema.{fault.path}".rstrip("."),
                way_out="Send a JSON Schema (2020-12), or leave it out.",
            )
