"""What a test makes happen at the gateway that no client of it could."""

from typing import Any

from fastapi import APIRouter

from deploy.standins.gateway.orders import DisputeOrder, SettleOrder, WebhookOrder
from deploy.standins.gateway.window import Window
from deploy.standins.refusal import invalid
from deploy.standins.sandbox_time import Now


def happening_routes(window: Window) -> APIRouter:
    router = APIRouter(prefix="/control")

    @router.post("/webhooks")
    async def aim(order: WebhookOrder) -> dict[str, str | None]:
        try:
            window.webhooks.aim(order.url, order.secret)
        except ValueError:
            raise invalid("secret: after whsec_ comes base64", "secret") from None
        return {"url": order.url}

    @router.post("/dispute")
    async def dispute(order: DisputeOrder, now: Now) -> dict[str, Any]:
        charge = window.desk.dispute(order, now)
        await window.tell([(("charge.disputed", None), charge.shown())], now)
        return charge.shown()

    @router.post("/refunds")
    async def settle(order: SettleOrder, now: Now) -> dict[str, Any]:
        refund = window.desk.settle(order.reference, order.status, now)
        await window.tell([((f"refund.{refund.status}", None), refund.shown())], now)
        return refund.shown()

    return router


def gateway_stats(window: Window) -> dict[str, object]:
    books = window.desk.books
    declined = books.declines.total()
    return {
        "charges": len(books.charges),
        "succeeded": len(books.charges) - declined,
        "declined": declined,
        "refunds": len(books.refunds),
        "movements": len(books.movements),
        "webhooks": window.webhooks.stats(),
    }
