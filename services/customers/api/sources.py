"""HTTP for sources: which upstream may publish checkouts for a partner."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.customers.api.bodies import Asked, Text
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.source import Source
from services.customers.queries.partners import SourceRow, list_sources
from services.customers.use_cases.register_source import RegisterSource, register_source
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page
from shared.idempotency import shown_once

URL = "/v1/sources"


class RegisterSourceRequest(Asked):
    """`signing_key: true` asks for a key; the events of the source are then refused without a
    signature made with it.
    """

    source: Text
    trusted_for_prices: bool = False
    signing_key: bool = False


class SourceBody(BaseModel):
    object: Literal["source"] = "source"
    id: str
    source: str
    trusted_for_prices: bool
    signed: bool
    created_at: datetime

    @classmethod
    def of(cls, source: SourceRow) -> "SourceBody":
        return cls(
            id=source.id,
            source=source.source,
            trusted_for_prices=source.trusted_for_prices,
            signed=source.signed,
            created_at=source.created_at,
        )


class RegisteredSourceBody(SourceBody):
    """`signing_key` is shown here and never again."""

    signing_key: str | None

    @classmethod
    def registered(cls, source: Source) -> "RegisteredSourceBody":
        return cls(
            id=source.id,
            source=source.uri,
            trusted_for_prices=source.trusted_for_prices,
            signed=source.signing_key is not None,
            created_at=source.created_at,
            signing_key=source.signing_key,
        )


def source_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["sources"])
    Reading = Annotated[Caller, Depends(access.requires("sources:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("sources:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(caller: Reading, page: Annotated[Page, Depends()]) -> ListBody[SourceBody]:
        async with context.begin() as tx:
            rows = await list_sources(
                tx.sql, caller.partner_id, page.starting_after, page.limit + 1
            )
        return ListBody.of([SourceBody.of(row) for row in rows], page, URL)

    @router.post("", status_code=201, dependencies=[Depends(shown_once)])
    async def register(body: RegisterSourceRequest, caller: Writing) -> RegisteredSourceBody:
        command = RegisterSource(
            caller.partner_id, body.source, body.trusted_for_prices, body.signing_key
        )

        async def work(tx: EdgeTransaction) -> Source:
            return await register_source(command, tx, await tx.clocks.now(caller.partner_id))

        return RegisteredSourceBody.registered(await context.carry_out(work))

    return router
