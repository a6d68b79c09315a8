"""HTTP for API keys: issue, list, revoke."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.customers.api.bodies import Asked, PathId, ScopeTexts
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.api_key import ApiKey, ApiKeyId
from services.customers.queries.partners import ApiKeyRow, list_api_keys
from services.customers.use_cases.issue_api_key import IssueApiKey, issue_api_key
from services.customers.use_cases.revoke_api_key import RevokeApiKey, revoke_api_key
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page
from shared.idempotency import shown_once

URL = "/v1/api_keys"


class IssueApiKeyRequest(Asked):
    scopes: Annotated[ScopeTexts, Field(min_length=1)]


class ApiKeyBody(BaseModel):
    """`hint` is how the key ends."""

    object: Literal["api_key"] = "api_key"
    id: str
    hint: str
    scopes: list[str]
    status: str
    created_at: datetime

    @classmethod
    def of(cls, api_key: ApiKey | ApiKeyRow) -> "ApiKeyBody":
        return cls(
            id=api_key.id,
            hint=api_key.hint,
            scopes=list(api_key.scopes),
            status=str(api_key.status),
            created_at=api_key.created_at,
        )


class IssuedApiKeyBody(ApiKeyBody):
    """`key` is shown here and never again."""

    key: str


def api_key_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["API keys"])
    Reading = Annotated[Caller, Depends(access.requires("api_keys:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("api_keys:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(caller: Reading, page: Annotated[Page, Depends()]) -> ListBody[ApiKeyBody]:
        async with context.begin() as tx:
            rows = await list_api_keys(
                tx.sql, caller.partner_id, page.starting_after, page.limit + 1
            )
        return ListBody.of([ApiKeyBody.of(row) for row in rows], page, URL)

    @router.post("", status_code=201, dependencies=[Depends(shown_once)])
    async def issue(body: IssueApiKeyRequest, caller: Writing) -> IssuedApiKeyBody:
        command = IssueApiKey(caller.partner_id, body.scopes, caller.scopes, caller.origin)

        async def work(tx: EdgeTransaction) -> tuple[ApiKey, str]:
            return await issue_api_key(command, tx, await tx.clocks.now(caller.partner_id))

        api_key, secret = await context.carry_out(work)
        return IssuedApiKeyBody(**dict(ApiKeyBody.of(api_key)), key=secret)

    @router.post("/{api_key_id}/revoke")
    async def revoke(api_key_id: PathId, caller: Writing) -> ApiKeyBody:
        """For ever; a second time changes nothing."""
        command = RevokeApiKey(caller.partner_id, ApiKeyId(api_key_id), caller.origin)

        async def work(tx: EdgeTransaction) -> ApiKey:
            return await revoke_api_key(command, tx, await tx.clocks.now(caller.partner_id))

        return ApiKeyBody.of(await context.carry_out(work))

    return router
