"""Starts the service panel: `python -m deploy.standins.panel --port P --ledger FILE`."""

from collections import Counter

from fastapi import FastAPI

from deploy.standins.control import control_routes
from deploy.standins.ledger import Ledger
from deploy.standins.panel.accounts import Accounts
from deploy.standins.panel.api import change_routes, look_routes
from deploy.standins.panel.desk import Desk, panel_rules
from deploy.standins.refusal import add_refusals
from deploy.standins.server import arguments, open_ledger, serve


def build(ledger: Ledger, url: str) -> FastAPI:
    accounts = Accounts(ledger)
    rules = panel_rules()
    desk = Desk(accounts, rules, url)

    def stats() -> dict[str, object]:
        return {
            "accounts": Counter(each["status"] for each in accounts.all.values()),
            "calls": Counter(each["outcome"] for each in accounts.calls),
        }

    app = FastAPI(title="service panel")
    add_refusals(app)
    app.include_router(change_routes(desk))
    app.include_router(look_routes(desk))
    app.include_router(control_routes(rules, stats))
    return app


def main() -> None:
    parser = arguments("panel", ledger="--ledger")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--public-url", help="the address that customers are given")
    asked = parser.parse_args()
    address = f"http://{asked.host}:{asked.port}"
    app = build(open_ledger(asked.ledger, fsync=asked.fsync), asked.public_url or f"{address}/")
    serve(app, asked.host, asked.port, f"panel ready on {address}")


if __name__ == "__main__":
    main()
