"""HTTP for partners: the platform's administrator opens them, they see themselves."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field

from services.customers.api.bodies import Asked, EmailText, Text
from services.customers.api.sandbox_clocks import SandboxClockBody
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.partner import PartnerNotFound, PartnerProfile
from services.customers.queries.partners import PartnerRow, show_partner
from services.customers.use_cases.open_partner import OpenedPartner, OpenPartner, open_partner
from services.customers.use_cases.switch_notifications import (
    SwitchNotifications,
    switch_notifications,
)
from shared.access import Access, Unauthenticated
from shared.caller import Caller
from shared.idempotency import shown_once
from shared.ids import new_id
from shared.origin import Origin


class OpenPartnerRequest(Asked):
    name: Text
    sandbox: bool = False
    timezone: Annotated[str, Field(max_length=64)]
    country: Annotated[str, Field(max_length=2)]
    currency: Annotated[str, Field(max_length=3)]
    support_email: EmailText
    notifications_enabled: bool = True
    frozen_time: AwareDatetime | None = None


class SwitchRequest(Asked):
    notifications_enabled: bool


class PartnerBody(BaseModel):
    object: Literal["partner"] = "partner"
    id: str
    name: str
    sandbox: bool
    timezone: str
    country: str
    currency: str
    support_email: str
    notifications_enabled: bool
    created_at: datetime

    @classmethod
    def of(cls, partner: PartnerRow) -> "PartnerBody":
        return cls(
            id=partner.id,
            name=partner.name,
            sandbox=partner.sandbox,
            timezone=partner.timezone,
            country=partner.country,
            currency=partner.currency,
            support_email=partner.support_email,
            notifications_enabled=partner.notifications_enabled,
            created_at=partner.created_at,
        )


class OpenedPartnerBody(PartnerBody):
    """`api_key` is shown here and never again."""

    api_key_id: str
    api_key: str
    test_clock: SandboxClockBody | None

    @classmethod
    def opened(cls, opened: OpenedPartner) -> "OpenedPartnerBody":
        partner, profile = opened.partner, opened.partner.profile
        return cls(
            id=partner.id,
            name=profile.name,
            sandbox=partner.sandbox,
            timezone=profile.timezone,
            country=profile.country,
            currency=profile.currency,
            support_email=profile.support_email,
            notifications_enabled=partner.notifications_enabled,
            created_at=partner.created_at,
            api_key_id=opened.api_key.id,
            api_key=opened.secret,
            test_clock=None if opened.clock is None else SandboxClockBody.of(opened.clock),
        )


def partner_routes(context: Context, access: Access, admin_token: str | None) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["partners"])
    Administrator = Annotated[Origin, Depends(_administrator(admin_token))]  # noqa: N806  a type
    Asking = Annotated[Caller, Depends(access.requires())]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("partner:write"))]  # noqa: N806  a type

    @router.post("/partners", status_code=201, dependencies=[Depends(shown_once)])
    async def open_one(body: OpenPartnerRequest, origin: Administrator) -> OpenedPartnerBody:
        profile = PartnerProfile(
            name=body.name,
            timezone=body.timezone,
            country=body.country,
            currency=body.currency,
            support_email=body.support_email,
        )
        command = OpenPartner(
            profile, body.sandbox, body.notifications_enabled, body.frozen_time, origin
        )

        async def work(tx: EdgeTransaction) -> OpenedPartner:
            return await open_partner(command, tx, context.directory, context.live_now())

        return OpenedPartnerBody.opened(await context.carry_out(work))

    @router.get("/partner")
    async def show_own(caller: Asking) -> PartnerBody:
        """The partner that the credential belongs to."""
        return await _shown(context, caller)

    @router.patch("/partner")
    async def switch_own(body: SwitchRequest, caller: Writing) -> PartnerBody:
        """Mails to all its customers on or off; security mails go in either case."""
        command = SwitchNotifications(caller.partner_id, body.notifications_enabled, caller.origin)

        async def work(tx: EdgeTransaction) -> None:
            await switch_notifications(command, tx, await tx.clocks.now(caller.partner_id))

        await context.carry_out(work)
        return await _shown(context, caller)

    return router


async def _shown(context: Context, caller: Caller) -> PartnerBody:
    async with context.begin() as tx:
        found = await show_partner(tx.sql, caller.partner_id)
    if found is None:
        raise PartnerNotFound(f"no partner {caller.partner_id}")
    return PartnerBody.of(found)


def _administrator(token: str | None) -> Callable[[Request], Awaitable[Origin]]:
    async def authenticate(request: Request) -> Origin:
        _, _, given = request.headers.get("authorization", "").partition(" ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthenticated(
                "this needs the platform's administrator",
                way_out="send `Authorization: Bearer <PERENNIAL_CUSTOMERS__ADMIN_TOKEN>`",
            )
        key = request.headers.get("idempotency-key") or new_id("req")
        return Origin.first("platform:administrator", f"request:{key}")

    return authenticate
