"""The gateway's own API, for those who charge, refund and look up."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from deploy.standins.gateway.charge import Charge, Refund
from deploy.standins.gateway.desk import Handled
from deploy.standins.gateway.orders import CaptureOrder, ChargeOrder, ChargeSet, KeySet, RefundOrder
from deploy.standins.gateway.window import Window
from deploy.standins.refusal import Refusal, invalid
from deploy.standins.sandbox_time import Now

KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key")]


def charge_routes(window: Window) -> APIRouter:
    router = APIRouter(prefix="/v1")
    desk = window.desk

    @router.post("/charges")
    async def charge(
        request: Request, order: ChargeOrder, now: Now, key: KeyHeader = None
    ) -> Response:
        _check_header(key, order.key)
        handled = desk.charge(order, now)
        return await window.hand_out(request, [handled], handled.shown, now)

    @router.post("/charges:batch")
    async def charge_many(request: Request, orders: ChargeSet, now: Now) -> Response:
        handled: list[Handled] = []
        for order in orders.charges:
            try:
                handled.append(desk.charge(order, now))
            except Refusal as refusal:
                refused = {"key": order.key, "status": "refused", **refusal.shown}
                handled.append(Handled(refused))
        body = {"results": [each.shown for each in handled]}
        return await window.hand_out(request, handled, body, now)

    @router.post("/captures")
    async def capture(order: CaptureOrder, now: Now) -> Response:
        captured = desk.capture(order, now)
        desk.books.write()
        return JSONResponse(captured.shown())

    return router


def refund_routes(window: Window) -> APIRouter:
    router = APIRouter(prefix="/v1/refunds")
    books = window.desk.books

    @router.post("")
    async def refund(
        request: Request, order: RefundOrder, now: Now, key: KeyHeader = None
    ) -> Response:
        _check_header(key, order.key)
        handled = window.desk.refund(order, now)
        return await window.hand_out(request, [handled], handled.shown, now)

    @router.get("")
    async def find_by_key(request: Request, key: str, now: Now) -> Response:
        return await _show(request, key, books.refunds_by_key.get(key), now)

    @router.get("/{reference}")
    async def find(request: Request, reference: str, now: Now) -> Response:
        return await _show(request, "", books.refunds.get(reference), now)

    async def _show(request: Request, key: str, refund: Refund | None, now: Now) -> Response:
        await window.settle_due([refund] if refund else [], now)
        methods = [refund.method_ref] if refund else []
        return await window.show(request, [key], methods, refund.shown() if refund else None)

    return router


def find_routes(window: Window) -> APIRouter:
    router = APIRouter(prefix="/v1")
    books = window.desk.books

    @router.get("/charges")
    async def find_by_key(request: Request, key: str, now: Now) -> Response:
        return await _show(request, key, books.charges_by_key.get(key), now)

    @router.get("/charges/{reference}")
    async def find(request: Request, reference: str, now: Now) -> Response:
        return await _show(request, "", books.charges.get(reference), now)

    @router.post("/charges:find")
    async def find_many(request: Request, wanted: KeySet, now: Now) -> Response:
        charges = await window.look([books.charges_by_key.get(key) for key in wanted.keys], now)
        body = {"results": [each.shown() if each else None for each in charges]}
        methods = [each.method_ref for each in charges if each]
        return await window.show(request, wanted.keys, methods, body)

    @router.get("/ledger")
    async def ledger(
        since: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    ) -> dict[str, Any]:
        movements = books.movements[since : since + limit]
        return {"movements": movements, "next": since + len(movements)}

    async def _show(request: Request, key: str, charge: Charge | None, now: Now) -> Response:
        [seen] = await window.look([charge], now)
        methods = [seen.method_ref] if seen else []
        return await window.show(request, [key], methods, seen.shown() if seen else None)

    return router


def _check_header(header: str | None, key: str) -> None:
    if header is not None and header != key:
        raise invalid("the header Idempotency-Key and the key of the body differ", "key")
