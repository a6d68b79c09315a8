"""The accounts over HTTP: who is asking, and credits that may be refused, break or take long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, Literal

import httpx2
from fastapi import APIRouter, Depends
from joserfc import jwt
from joserfc.jwk import OKPKey
from pydantic import BaseModel, Field

from shared.access import Access
from shared.caller import Caller
from shared.errors import Conflict, Stale
from shared.idempotency import require_idempotency_key, shown_once
from shared.process import Service, build_api
from shared.timer_loop import TimerLoop
from shared.transaction import Transaction
from tests.integration.kernel.accounts import PARTNER, Accounts

NOW = 1_800_000_000.0
API_KEY = "sk_live_1"
OTHERS_KEY = "sk_live_2"
SHOWN_ONCE = "Open Sesame"
SIGNING_KEY = OKPKey.generate_key("Ed25519")


class CreditBody(BaseModel):
    account: str
    amount: Annotated[int, Field(gt=0)]
    way: Literal["well", "refused", "stale", "broken", "away", "slow"] = "well"


@dataclass
class AccountsApi:
    """The HTTP side of the accounts; a slow credit waits for `go_on`."""

    accounts: Accounts
    access: Access = field(init=False)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.access = Access(self.accounts.transactions.begin, lambda: NOW)

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1")
        may_read = Depends(self.access.requires("accounts:read"))
        may_write = Depends(self.access.requires("accounts:write"))

        @router.get("/whoami")
        async def whoami(caller: Annotated[Caller, may_read]) -> dict[str, Any]:
            return {
                "partner_id": caller.partner_id,
                "actor": caller.actor,
                "kind": caller.kind,
                "customer_id": caller.customer_id,
            }

        @router.post("/credits", status_code=201, dependencies=[Depends(require_idempotency_key)])
        async def credit(caller: Annotated[Caller, may_write], body: CreditBody) -> dict[str, Any]:
            return await self.credit(caller, body)

        @router.post("/tokens", status_code=201, dependencies=[Depends(shown_once)])
        async def make_token(caller: Annotated[Caller, may_write]) -> dict[str, Any]:
            await self.credit(caller, CreditBody(account="tokens", amount=1))
            return {"object": "token", "token": SHOWN_ONCE}

        return router

    async def credit(self, caller: Caller, body: CreditBody) -> dict[str, Any]:
        if body.way == "slow":
            self.begun.set()
            await self.go_on.wait()
        async with self.accounts.transactions.begin() as tx:
            await tx.sql.execute(
                "insert into effect(event_id, account, amount) values (gen_random_uuid(), $1, $2)",
                body.account,
                body.amount,
            )
            if body.way == "refused":
                raise Conflict("this account is closed", way_out="credit another one")
            if body.way == "stale":
                raise Stale("somebody else was faster")
            if body.way == "broken":
                raise ZeroDivisionError
            if body.way == "away":
                raise ConnectionRefusedError
        return {"object": "credit", "account": body.account, "request": caller.request_key}

    @asynccontextmanager
    async def client(self, credential: str = API_KEY) -> AsyncIterator[httpx2.AsyncClient]:
        service = Service(
            name="accounts",
            transactions=self.accounts.transactions,
            consumer=self.accounts.consumer,
            timers=TimerLoop[Transaction](self.accounts.transactions.begin),
            intents=[],
            routers=[self.router()],
            access=self.access,
            open_effects="select '' as partner_id, '' as item where false",
        )
        transport = httpx2.ASGITransport(build_api(service), raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {credential}"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://accounts", headers=headers
        ) as client:
            yield client


async def make_keys(accounts: Accounts) -> None:
    """Two partners' API keys, as an event would have brought them."""
    async with accounts.transactions.begin() as tx:
        for key, partner in ((API_KEY, PARTNER), (OTHERS_KEY, "ptn_2")):
            await tx.sql.execute(
                "insert into api_keys values ($1, $2, $3, '{accounts:read,accounts:write}', $4, 1)",
                sha256(key.encode()).hexdigest(),
                f"key_{key}",
                partner,
                "active",
            )


def a_token(key: OKPKey = SIGNING_KEY, kid: str = "kid_1", **claims: Any) -> str:
    said = {
        "exp": NOW + 60,
        "partner": PARTNER,
        "actor": "operator:opr_1",
        "kind": "operator",
        "scopes": ["accounts:read"],
        **claims,
    }
    return jwt.encode(
        {"alg": "Ed25519", "kid": kid},
        {name: value for name, value in said.items() if value is not None},
        key,
        algorithms=["Ed25519"],
    )
