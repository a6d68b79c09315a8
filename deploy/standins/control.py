"""The routes by which a test tells a stand-in how to misbehave and asks how it is."""

from collections.abc import Callable

from fastapi import APIRouter

from deploy.standins.rules import RuleOrder, Rules


def control_routes(rules: Rules, stats: Callable[[], dict[str, object]]) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/control/stats")
    async def show_stats() -> dict[str, object]:
        return stats()

    @router.post("/control/rules", status_code=201)
    async def add(orders: list[RuleOrder]) -> dict[str, object]:
        rules.add(orders)
        return {"rules": rules.shown()}

    @router.get("/control/rules")
    async def show() -> dict[str, object]:
        return {"rules": rules.shown()}

    @router.delete("/control/rules")
    async def clear() -> dict[str, object]:
        rules.clear()
        return {"rules": []}

    return router
