"""What a client of the panel may ask for, checked before anything is done."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends, Header
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Status: TypeAlias = Literal["enabled", "disabled"]
ExternalId = Annotated[str, Field(min_length=1, max_length=200)]
Plan = Annotated[str, Field(min_length=1, max_length=200)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewAccount(Order):
    external_id: ExternalId
    plan: Plan
    config: dict[str, Any] = {}
    expires_at: AwareDatetime | None = None


class AccountChange(Order):
    status: Status | None = None
    plan: Plan | None = None
    config: dict[str, Any] | None = None
    # Null means never, so it is told apart from a field that was not sent.
    expires_at: AwareDatetime | None = None


class SignIn(Order):
    username: str
    password: str


@dataclass(frozen=True)
class Call:
    """`wish` is the body as sent; with `operation` and `external_id` it makes two calls the same."""

    operation: str
    external_id: str
    wish: dict[str, Any]
    key: str | None
    version: int | None


@dataclass(frozen=True)
class CallHeaders:
    key: str | None
    version: int | None


def _headers(
    idempotency_key: Annotated[str | None, Header(max_length=500)] = None,
    perennial_version: Annotated[int | None, Header(ge=0)] = None,
) -> CallHeaders:
    return CallHeaders(idempotency_key, perennial_version)


Headers = Annotated[CallHeaders, Depends(_headers)]
