"""Starts the mailbox: `python -m deploy.standins.mailbox --smtp-port P --http-port Q --store DIR`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from deploy.standins.control import control_routes
from deploy.standins.ledger import Ledger
from deploy.standins.mailbox.api import reading_routes
from deploy.standins.mailbox.post import Post
from deploy.standins.mailbox.smtp import Postman, listen, mailbox_rules
from deploy.standins.refusal import add_refusals
from deploy.standins.server import arguments, open_ledger, serve


def build(ledger: Ledger, host: str, smtp_port: int) -> FastAPI:
    post = Post(ledger)
    rules = mailbox_rules()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server = await listen(Postman(post, rules), host, smtp_port)
        yield
        server.close()

    app = FastAPI(title="mailbox", lifespan=lifespan)
    add_refusals(app)
    app.include_router(reading_routes(post))
    app.include_router(control_routes(rules, lambda: {"messages": len(post.kept)}))
    return app


def main() -> None:
    parser = arguments("mailbox", ledger="--store")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    asked = parser.parse_args()
    ledger = open_ledger(asked.store / "messages.jsonl", fsync=asked.fsync)
    web, smtp = f"http://{asked.host}:{asked.http_port}", f"{asked.host}:{asked.smtp_port}"
    app = build(ledger, asked.host, asked.smtp_port)
    serve(app, asked.host, asked.http_port, f"mailbox ready on smtp {smtp} and {web}")


if __name__ == "__main__":
    main()
