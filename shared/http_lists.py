"""Lists with cursors: a page starts after an id, so nothing is skipped while rows come and go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Query
from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Page:
    """A FastAPI dependency. Read `limit + 1` rows: the one too many says that there are more."""

    limit: Annotated[int, Query(ge=1, le=100)] = 20
    starting_after: Annotated[str | None, Query(max_length=40, pattern="^[A-Za-z0-9_]+$")] = None


class ListBody(BaseModel, Generic[T]):
    object: Literal["list"] = "list"
    data: list[T]
    has_more: bool
    url: str

    @classmethod
    def of(cls, rows: Sequence[T], page: Page, url: str) -> "ListBody[T]":
        """`rows`: up to `page.limit + 1` of them."""
        return cls(data=list(rows[: page.limit]), has_more=len(rows) > page.limit, url=url)
