"""The reading side of the mailbox: JSON for programs, a page for people."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from deploy.standins.mailbox.page import HEADERS, page
from deploy.standins.mailbox.post import Mail, Post, opened
from deploy.standins.refusal import not_found

NEWEST = 100


def reading_routes(post: Post) -> APIRouter:
    router = APIRouter()

    @router.get("/messages")
    async def show_many(
        to: str | None = None,
        subject: str | None = None,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, object]:
        found = post.find(to, subject, after)[:limit]
        # When the page is full there may be more behind its last; else all has been looked at.
        seen = found[-1]["n"] if len(found) == limit else max(after, len(post.kept))
        return {"messages": [opened(each) for each in found], "next": seen}

    @router.get("/messages/{n}")
    async def show(n: int) -> Mail:
        if not 1 <= n <= len(post.kept):
            raise not_found(f"there is no message {n}; {len(post.kept)} have come")
        return opened(post.kept[n - 1])

    @router.get("/")
    async def show_page(to: str = "") -> HTMLResponse:
        newest = post.find(to or None, None, 0)[-NEWEST:]
        return HTMLResponse(
            page([opened(each) for each in newest[::-1]], len(post.kept), to), headers=HEADERS
        )

    return router
