"""The panel over HTTP: for who provisions, for the customer who signs in, for who checks."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from deploy.standins.answer import PLAIN, Answer, send
from deploy.standins.panel.changes import without_password
from deploy.standins.panel.desk import Desk
from deploy.standins.panel.orders import AccountChange, Call, Headers, NewAccount, SignIn
from deploy.standins.refusal import Refusal, not_found
from deploy.standins.sandbox_time import Now, parsed


def change_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/accounts")

    @router.post("")
    async def create(request: Request, order: NewAccount, headers: Headers, now: Now) -> Response:
        wish = order.model_dump(mode="json", exclude={"external_id"})
        call = Call("create", order.external_id, wish, headers.key, headers.version)
        return await _do(request, call, now, 201)

    @router.put("/{external_id}")
    async def update(
        request: Request, external_id: str, order: AccountChange, headers: Headers, now: Now
    ) -> Response:
        sent = order.model_dump(mode="json", exclude_unset=True)
        wish = {k: v for k, v in sent.items() if v is not None or k == "expires_at"}
        return await _do(
            request, Call("update", external_id, wish, headers.key, headers.version), now
        )

    @router.post("/{external_id}/password")
    async def renew_password(
        request: Request, external_id: str, headers: Headers, now: Now
    ) -> Response:
        return await _do(
            request, Call("password", external_id, {}, headers.key, headers.version), now
        )

    @router.delete("/{external_id}")
    async def delete(request: Request, external_id: str, headers: Headers, now: Now) -> Response:
        return await _do(
            request, Call("delete", external_id, {}, headers.key, headers.version), now
        )

    async def _do(request: Request, call: Call, now: datetime, status: int = 200) -> Response:
        told, answer = desk.take(call, now)
        # A call that came after the deletion opens nothing.
        status = 200 if told.get("status") == "deleted" else status
        return await send(request, answer, JSONResponse(told, status))

    return router


def look_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1")
    accounts = desk.accounts

    @router.get("/accounts")
    async def show_all(
        request: Request,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        ids = sorted(each for each in accounts.all if each > after and accounts.open(each))
        page = [without_password(accounts.all[each]) for each in ids[:limit]]
        body = {"accounts": page, "next": ids[limit - 1] if len(ids) > limit else None}
        return await send(request, _spoiled("", ""), JSONResponse(body))

    @router.get("/accounts/{external_id}")
    async def show(request: Request, external_id: str) -> Response:
        account = accounts.open(external_id)
        answer = _spoiled(external_id, account["plan"] if account else "")
        missing = JSONResponse(not_found(f"no account {external_id!r}").shown, 404)
        found = JSONResponse(without_password(account)) if account else missing
        return await send(request, answer, found)

    @router.post("/signin")
    async def sign_in(order: SignIn, now: Now) -> dict[str, Any]:
        account = accounts.by_username.get(order.username)
        if account is None or account["password"] != order.password:
            raise Refusal(401, "wrong_credentials", "no account has this name and password")
        expires = account["expires_at"]
        if account["status"] != "enabled" or (expires and parsed(expires, "expires_at") <= now):
            raise Refusal(403, "no_access", "this account is disabled or expired")
        return {"external_id": account["external_id"], "status": account["status"]}

    @router.get("/ledger")
    async def ledger(
        since: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    ) -> dict[str, Any]:
        calls = accounts.told(since, limit)
        return {"calls": calls, "next": since + len(calls)}

    def _spoiled(external_id: str, plan: str) -> Answer:
        facts = {"operation": ("read",), "external_id": (external_id,), "plan": (plan,)}
        rule = desk.rules.pick("answer", facts)
        return Answer.by_rule(rule) if rule else PLAIN

    return router
