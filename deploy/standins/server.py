"""Serves a stand-in by uvicorn, in such a way that a handler can break its own connection."""

import argparse
import socket
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from deploy.standins.ledger import Ledger, LedgerInUse


class _Breakable(HttpToolsProtocol):
    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["perennial.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)


def serve(app: FastAPI, host: str, port: int, ready: str) -> None:
    """Runs until it is told to stop; who is held by a time-out then is let go at once."""
    config = uvicorn.Config(
        app, host, port, http=_Breakable, ws="none", log_level="warning", access_log=False,
        timeout_graceful_shutdown=1, backlog=1024,
    )  # fmt: skip
    _Announced(config, ready).run()


def arguments(program: str, *, ledger: str) -> argparse.ArgumentParser:
    """The options that all stand-ins share; `ledger` is the name of the one for the file."""
    parser = argparse.ArgumentParser(prog=f"python -m deploy.standins.{program}")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(ledger, type=Path, required=True, help="what happened, as JSON lines")
    parser.add_argument("--fsync", action="store_true", help="survive a power cut, too")
    return parser


def open_ledger(path: Path, *, fsync: bool) -> Ledger:
    try:
        return Ledger(path, fsync=fsync)
    except LedgerInUse as taken:
        raise SystemExit(str(taken)) from taken
