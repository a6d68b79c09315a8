"""HTTP for operators: who may act for a partner, and how they sign in."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.customers.api.bodies import Asked, EmailText, PasswordText, ScopeTexts, Text
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.operator import Operator
from services.customers.domain.signing_key import TOKEN_LASTS, signer
from services.customers.queries.partners import OperatorRow, list_operators
from services.customers.use_cases.add_operator import (
    AddOperator,
    add_operator,
    require_sound_operator,
)
from services.customers.use_cases.admit_sign_in import Admission, SignIn, admit_sign_in, welcome
from shared.access import Access, Unauthenticated
from shared.caller import Caller
from shared.errors import Conflict, Invalid
from shared.http_lists import ListBody, Page
from shared.http_problems import problem
from shared.idempotency import shown_once
from shared.ids import PartnerId

URL = "/v1/operators"


class NobodySigns(Conflict):
    code = "nobody_signs"


class AddOperatorRequest(Asked):
    email: EmailText
    name: Text
    password: PasswordText
    role: Literal["support", "finance", "manager"] = "support"
    scopes: Annotated[ScopeTexts, Field(min_length=1)]


class SignInRequest(Asked):
    partner_id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    email: EmailText
    password: PasswordText


class OperatorBody(BaseModel):
    object: Literal["operator"] = "operator"
    id: str
    email: str
    name: str
    role: str
    scopes: list[str]
    created_at: datetime

    @classmethod
    def of(cls, operator: OperatorRow) -> "OperatorBody":
        return cls(
            id=operator.id,
            email=operator.email,
            name=operator.name,
            role=operator.role,
            scopes=operator.scopes,
            created_at=operator.created_at,
        )

    @classmethod
    def added(cls, operator: Operator) -> "OperatorBody":
        return cls(
            id=operator.id,
            email=operator.email.text,
            name=operator.name,
            role=operator.role,
            scopes=sorted(operator.scopes),
            created_at=operator.created_at,
        )


class ActorTokenBody(BaseModel):
    """Send it as `Authorization: Bearer …` to every service, until it expires."""

    object: Literal["actor_token"] = "actor_token"
    token: str
    expires_at: datetime
    operator: OperatorBody


def operator_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["operators"])
    Reading = Annotated[Caller, Depends(access.requires("operators:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("operators:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(caller: Reading, page: Annotated[Page, Depends()]) -> ListBody[OperatorBody]:
        async with context.begin() as tx:
            rows = await list_operators(
                tx.sql, caller.partner_id, page.starting_after, page.limit + 1
            )
        return ListBody.of([OperatorBody.of(row) for row in rows], page, URL)

    @router.post("", status_code=201)
    async def add(body: AddOperatorRequest, caller: Writing) -> OperatorBody:
        command = AddOperator(
            partner_id=caller.partner_id,
            email=body.email,
            name=body.name,
            role=body.role,
            scopes=body.scopes,
            own_scopes=caller.scopes,
            password=body.password,
            request_key=caller.request_key,
        )
        require_sound_operator(command, context.directory)
        password_hash = await context.passwords.hashed(body.password)

        async def work(tx: EdgeTransaction) -> Operator:
            now = await tx.clocks.now(caller.partner_id)
            return await add_operator(command, password_hash, tx, context.directory, now)

        return OperatorBody.added(await context.carry_out(work))

    return router


def sign_in_routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["operators"])

    @router.post("/sign_in", response_model=ActorTokenBody, dependencies=[Depends(shown_once)])
    async def sign_in(body: SignInRequest, request: Request) -> ActorTokenBody | Response:
        """For each account that does not exist the answer, and the work, is that for a wrong
        password.
        """
        address = request.client.host if request.client else ""
        command = SignIn(PartnerId(body.partner_id), _email_key(context, body.email), address)

        async def admit(tx: EdgeTransaction) -> Admission:
            return await admit_sign_in(command, tx, context.live_now())

        admission = await context.carry_out(admit)
        if admission.wait is not None:
            return _too_many(int(admission.wait.total_seconds()) + 1)
        operator = admission.operator
        known_hash = None if operator is None else operator.password_hash
        matched = await context.passwords.matches(body.password, known_hash)
        if operator is None or not matched:
            raise Unauthenticated(
                "no operator has this partner, e-mail address and password",
                way_out="check all three",
            )
        return await _signed_in(context, command, operator)

    return router


async def _signed_in(context: Context, command: SignIn, operator: Operator) -> ActorTokenBody:
    now = context.live_now()
    async with context.begin() as tx:
        await welcome(command, tx, now)
        key = signer(await tx.signing_keys.living(now), now)
    if key is None:
        raise NobodySigns("there is no key to sign with yet", way_out="try again in a second")
    return ActorTokenBody(
        token=context.tokens.actor_token(operator, key, now),
        expires_at=now + TOKEN_LASTS,
        operator=OperatorBody.added(operator),
    )


def _email_key(context: Context, typed: str) -> str:
    try:
        return context.directory.email(typed).key
    except Invalid:
        # It has no account, and its asker must not learn that any sooner than others. Nothing is
        # looked up by the text itself: it may hold what cannot even be looked up.
        return ""


def _too_many(seconds: int) -> Response:
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_attempts",
        "too many attempts to sign in",
        {"way_out": f"wait {seconds} seconds"},
        {"retry-after": str(seconds)},
    )
