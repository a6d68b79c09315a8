"""HTTP for a sandbox's clock."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.customers.api.bodies import Asked, PathId
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.sandbox_clock import (
    SandboxClock,
    SandboxClockId,
    SandboxClockNotFound,
)
from services.customers.queries.partners import (
    SandboxClockRow,
    list_clocks,
    show_clock,
)
from services.customers.use_cases.advance_clock import AdvanceClock, advance_clock
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page

URL = "/v1/test_clocks"


class AdvanceRequest(Asked):
    to: AwareDatetime


class ClockFailureBody(BaseModel):
    """Why the clock stands still; when that is repaired, advance it again."""

    service: str
    items: list[str]


class SandboxClockBody(BaseModel):
    object: Literal["test_clock"] = "test_clock"
    id: str
    now: datetime
    status: str
    target: datetime
    step: int
    failure: ClockFailureBody | None

    @classmethod
    def of(cls, clock: SandboxClock | SandboxClockRow) -> "SandboxClockBody":
        return cls(
            id=clock.id,
            now=clock.now,
            status=str(clock.status),
            target=clock.target,
            step=clock.step,
            failure=(
                ClockFailureBody(service=clock.failure.service, items=list(clock.failure.items))
                if clock.failure
                else None
            ),
        )


def clock_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["test clocks"])
    Reading = Annotated[Caller, Depends(access.requires("test_clocks:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("test_clocks:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(
        caller: Reading, page: Annotated[Page, Depends()]
    ) -> ListBody[SandboxClockBody]:
        async with context.begin() as tx:
            rows = await list_clocks(tx.sql, caller.partner_id, page.starting_after, page.limit + 1)
        return ListBody.of([SandboxClockBody.of(row) for row in rows], page, URL)

    @router.get("/{clock_id}")
    async def show(clock_id: PathId, caller: Reading) -> SandboxClockBody:
        async with context.begin() as tx:
            row = await show_clock(tx.sql, caller.partner_id, clock_id)
        if row is None:
            raise SandboxClockNotFound(f"no test clock {clock_id}")
        return SandboxClockBody.of(row)

    @router.post("/{clock_id}/advance", status_code=202)
    async def advance(clock_id: PathId, body: AdvanceRequest, caller: Writing) -> SandboxClockBody:
        command = AdvanceClock(caller.partner_id, SandboxClockId(clock_id), body.to, caller.origin)

        async def work(tx: EdgeTransaction) -> SandboxClock:
            return await advance_clock(command, tx, context.live_now())

        return SandboxClockBody.of(await context.carry_out(work))

    return router
