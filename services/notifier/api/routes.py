"""HTTP: what was mailed to whom, and how it reads."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from services.notifier.api.schemas import MessageBody, MessageWithPreviewBody
from services.notifier.context import Context
from services.notifier.domain.letter import Letter
from services.notifier.domain.message import MessageNotFound, State
from services.notifier.domain.template import Template
from services.notifier.queries.messages import Wanted, find_message, list_messages
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page

READ: Final = "messages:read"
HIDDEN: Final = dict.fromkeys(("url", "username", "password"), "••••••••")
Filter = Annotated[str | None, Query(max_length=64)]


def routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix="/v1/messages", tags=["messages"])
    Asking = Annotated[Caller, Depends(access.requires(READ))]  # noqa: N806  a type, local as its cause is

    @router.get("")
    async def list_(
        caller: Asking,
        page: Annotated[Page, Depends()],
        wanted: Annotated[Wanted, Depends(_wanted)],
    ) -> ListBody[MessageBody]:
        """The newest first. Customers see what was written to them alone."""
        if caller.kind == "customer":
            wanted = replace(wanted, customer_id=_own(caller, wanted.customer_id))
        async with context.begin() as tx:
            found = await list_messages(
                tx.sql, caller.partner_id, wanted, page.limit + 1, page.starting_after
            )
        return ListBody.of([MessageBody.of(each) for each in found], page, "/v1/messages")

    @router.get("/{message_id}")
    async def show(message_id: str, caller: Asking) -> MessageWithPreviewBody:
        async with context.begin() as tx:
            message, to = await find_message(tx.sql, caller.partner_id, message_id)
            now = await tx.clocks.now(caller.partner_id)
        if caller.kind == "customer" and message.customer_id != caller.customer_id:
            raise MessageNotFound(f"there is no message {message_id}")
        if to is None:
            return MessageWithPreviewBody.with_preview(message, None, None)
        secrets = HIDDEN if message.template is Template.CREDENTIALS else {}
        rendered = context.render(Letter(to, message.ended_at or now, secrets))
        return MessageWithPreviewBody.with_preview(message, to.contact.address, rendered)

    return router


def _wanted(
    customer_id: Filter = None,
    subscription_id: Filter = None,
    template: Template | None = None,
    status: State | None = None,
) -> Wanted:
    return Wanted(customer_id, subscription_id, template, status)


def _own(caller: Caller, asked_for: str | None) -> str:
    """Another's id finds nothing: a customer's filter is never wider than himself."""
    own = caller.customer_id or ""
    return own if asked_for in {None, own} else ""
