"""Where results leave the gateway: written first, then told, then answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from deploy.standins.answer import send, worst
from deploy.standins.gateway.behaviour import answer_by_rule
from deploy.standins.gateway.charge import Charge, Refund
from deploy.standins.gateway.desk import Desk, Handled
from deploy.standins.gateway.webhooks import Webhooks
from deploy.standins.refusal import not_found
from deploy.standins.rules import Facts
from deploy.standins.sandbox_time import parsed, shown, system_now


@dataclass(frozen=True)
class Window:
    desk: Desk
    webhooks: Webhooks

    async def hand_out(
        self, request: Request, handled: list[Handled], body: Any, now: datetime
    ) -> Response:
        await self.tell([(each.said, each.shown) for each in handled if each.said], now)
        return await send(request, worst([each.answer for each in handled]), JSONResponse(body))

    async def tell(
        self, said: list[tuple[tuple[str, str | None], dict[str, Any]]], now: datetime
    ) -> None:
        """Everything recorded so far is written before a word of it is said."""
        self.desk.books.write()
        at = shown(now)
        await self.webhooks.tell(
            [({"type": kind, "created": at, "data": data}, how) for (kind, how), data in said]
        )

    async def look(self, charges: list[Charge | None], now: datetime) -> list[Charge | None]:
        """What a look-up may see; a refund whose time has come settles by being looked at."""
        seen = [charge if charge and not _is_hidden(charge) else None for charge in charges]
        await self.settle_due([refund for each in seen if each for refund in each.refunds], now)
        return seen

    async def settle_due(self, refunds: list[Refund], now: datetime) -> None:
        settled = self.desk.settle_due(refunds, now)
        await self.tell([(("refund.succeeded", None), each.shown()) for each in settled], now)

    async def show(
        self, request: Request, keys: list[str], method_refs: list[str], found: Any
    ) -> Response:
        """The answer of a look-up, which only a rule that names `find` can spoil."""
        facts: Facts = {
            "operation": ("find",), "key": tuple(keys), "method_ref": tuple(method_refs),
        }  # fmt: skip
        answer = answer_by_rule(self.desk.rules, facts)
        missing = JSONResponse(not_found("the gateway knows no such payment").shown, 404)
        return await send(request, answer, missing if found is None else JSONResponse(found))


def _is_hidden(charge: Charge) -> bool:
    hidden = charge.hidden_until
    return hidden is not None and system_now() < parsed(hidden, "hidden_until")
