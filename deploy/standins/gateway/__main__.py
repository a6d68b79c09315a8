"""Starts the card gateway: `python -m deploy.standins.gateway --port P --ledger FILE`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from deploy.standins.control import control_routes
from deploy.standins.gateway.api import charge_routes, find_routes, refund_routes
from deploy.standins.gateway.behaviour import gateway_rules
from deploy.standins.gateway.books import Books
from deploy.standins.gateway.control import gateway_stats, happening_routes
from deploy.standins.gateway.desk import Desk
from deploy.standins.gateway.webhooks import Webhooks
from deploy.standins.gateway.window import Window
from deploy.standins.ledger import Ledger
from deploy.standins.refusal import add_refusals
from deploy.standins.server import arguments, open_ledger, serve


def build(ledger: Ledger, webhooks: Webhooks) -> FastAPI:
    rules = gateway_rules()
    window = Window(Desk(Books(ledger), rules), webhooks)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await webhooks.open()
        yield
        await webhooks.close()

    app = FastAPI(title="card gateway", lifespan=lifespan)
    add_refusals(app)
    for routes in (charge_routes, refund_routes, find_routes, happening_routes):
        app.include_router(routes(window))
    app.include_router(control_routes(rules, lambda: gateway_stats(window)))
    return app


def main() -> None:
    parser = arguments("gateway", ledger="--ledger")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", help="where results are told")
    parser.add_argument("--webhook-secret", default="", help="what they are signed with")
    asked = parser.parse_args()
    ledger = open_ledger(asked.ledger, fsync=asked.fsync)
    webhooks = Webhooks(ledger, asked.webhook_url, asked.webhook_secret)
    ready = f"gateway ready on http://{asked.host}:{asked.port}"
    serve(build(ledger, webhooks), asked.host, asked.port, ready)


if __name__ == "__main__":
    main()
