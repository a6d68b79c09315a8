"""HTTP for a sandbox's clock."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.customers.api.bodies import Asked, PathId
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.test_clock import TestClock, TestClockId, TestClockNotFound
from services.customers.queries.partners import (
    TestClockRow,
    list_test_clocks,
    show_test_clock,
)
from services.customers.use_cases.advance_test_clock import AdvanceTestClock, advance_test_clock
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page

URL = "/v1/test_clocks"


class AdvanceRequest(Asked):
    to: AwareDatetime


class TestClockBody(BaseModel):
    object: Literal["test_clock"] = "test_clock"
    id: str
    now: datetime
    status: str
    target: datetime
    step: int

    @classmethod
    def of(cls, clock: TestClock | TestClockRow) -> "TestClockBody":
        return cls(
            id=clock.id,
            now=clock.now,
            status=str(clock.status),
            target=clock.target,
            step=clock.step,
        )


def test_clock_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["test clocks"])
    Reading = Annotated[Caller, Depends(access.requires("test_clocks:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("test_clocks:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(
        caller: Reading, page: Annotated[Page, Depends()]
    ) -> ListBody[TestClockBody]:
        async with context.begin() as tx:
            rows = await list_test_clocks(
                tx.sql, caller.partner_id, page.starting_after, page.limit + 1
            )
        return ListBody.of([TestClockBody.of(row) for row in rows], page, URL)

    @router.get("/{clock_id}")
    async def show(clock_id: PathId, caller: Reading) -> TestClockBody:
        async with context.begin() as tx:
            row = await show_test_clock(tx.sql, caller.partner_id, clock_id)
        if row is None:
            raise TestClockNotFound(f"no test clock {clock_id}")
        return TestClockBody.of(row)

    @router.post("/{clock_id}/advance", status_code=202)
    async def advance(clock_id: PathId, body: AdvanceRequest, caller: Writing) -> TestClockBody:
        command = AdvanceTestClock(caller.partner_id, TestClockId(clock_id), body.to, caller.origin)

        async def work(tx: EdgeTransaction) -> TestClock:
            return await advance_test_clock(command, tx)

        return TestClockBody.of(await context.carry_out(work))

    return router
