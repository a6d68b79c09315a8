"""One service as a process: its roles, its operational port, its orderly end."""

import argparse
import asyncio
import contextlib
import logging
import math
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from typing_extensions import override

from shared.access import Access
from shared.clock_follower import ClockFollower
from shared.consumer import Consumer
from shared.garbage import search_seldom
from shared.http_problems import answer_with_problems
from shared.idempotency import IdempotencyMiddleware
from shared.intents import IntentLoop
from shared.kafka import Consumption
from shared.operations import NO_EFFECTS, Operations, operational_routes
from shared.relay import Relay
from shared.settings import ServiceSettings
from shared.telemetry import set_up_logging
from shared.throttle import MockThrottle
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

log = logging.getLogger(__name__)
ROLES = ("api", "worker", "relay", "timers")
RETRY_PARKED_SECONDS = 1
EMBEDDED_FETCH_WAIT_MS = 10


@dataclass
class Service:
    """What `app.build` returns. `open_effects` is a query of (partner_id, item): the intents that
    are not settled, each with a name that tells a person where to look. `stuck_effects`, in the
    same form, are those of them that fail again and again; the worst come first.

    `barriers` names, for a kind of timer, the topics that must be read to their end before it
    fires: what was decided before the instant has then been heard. `turns_a_second` bounds how
    often it looks for work, where nobody waits for it and larger sets cost less.
    """

    name: str
    transactions: Transactions
    consumer: Consumer[Any]
    timers: TimerLoop[Any]
    intents: Sequence[IntentLoop[Any, Any]]
    routers: Sequence[APIRouter]
    access: Access
    open_effects: str
    stuck_effects: str = NO_EFFECTS
    barriers: dict[str, Sequence[str]] = field(default_factory=dict)
    turns_a_second: float = math.inf
    on_start: Callable[[], Awaitable[None]] | None = None
    on_stop: Callable[[], Awaitable[None]] | None = None


def main(
    name: str, settings: Callable[[], ServiceSettings], build: Callable[[Any], Service]
) -> None:
    """`python -m services.<name> --roles api,worker,relay,timers`."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("--roles", default=",".join(ROLES), help="which parts to run, comma-parted")
    parser.add_argument("--check-config", action="store_true", help="read the settings and end")
    arguments = parser.parse_args()
    roles = frozenset(arguments.roles.split(","))
    if unknown := roles - set(ROLES):
        parser.error(f"unknown role {min(unknown)}; there are {', '.join(ROLES)}")
    told = settings()
    if arguments.check_config:
        return
    set_up_logging(name, told.log_level)
    uvloop.run(_run(build(told), told, roles))


async def _run(service: Service, settings: ServiceSettings, roles: frozenset[str]) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    operations = Operations(
        service.name,
        service.transactions,
        service.open_effects,
        service.consumer.topics,
        service.stuck_effects,
    )
    ops = FastAPI(docs_url=None, redoc_url=None)
    ops.include_router(operational_routes(operations))
    async with (
        _serving(ops, settings.host, settings.ops_port),
        _started(service),
        _consuming(service, settings, roles, operations),
        _looping(_loops(service, settings, roles, operations.consumption)),
        _serving_api(service, settings, roles),
    ):
        search_seldom()
        operations.started = True
        log.info("service.started", extra={"roles": sorted(roles), "port": settings.port})
        await stop.wait()
        operations.started = False
        log.info("service.stopping")
    await service.transactions.database.close()


@asynccontextmanager
async def _started(service: Service) -> AsyncIterator[None]:
    if service.on_start:
        await service.on_start()
    try:
        yield
    finally:
        if service.on_stop:
            await service.on_stop()


@asynccontextmanager
async def _consuming(
    service: Service, settings: ServiceSettings, roles: frozenset[str], operations: Operations
) -> AsyncIterator[None]:
    """Timers need to know how far we have read, so a process with timers reads as well."""
    if not roles & {"worker", "timers"}:
        operations.consumption = None
        yield
        return
    wait = {"fetch_max_wait_ms": EMBEDDED_FETCH_WAIT_MS} if settings.embedded else {}
    consumption = Consumption(
        service.consumer,
        settings.kafka_bootstrap,
        service.name,
        settings.instance,
        polls_a_second=service.turns_a_second,
        stuck_after=settings.stuck_after_seconds,
        **wait,
    )
    operations.consumption = consumption
    for kind, topics in service.barriers.items():
        service.timers.before_fire[kind] = _Barrier(consumption, topics)
    await consumption.start()
    try:
        yield
    finally:
        await consumption.stop()


@dataclass(frozen=True)
class _Barrier:
    consumption: Consumption
    topics: Sequence[str]

    async def __call__(self) -> None:
        await self.consumption.catch_up(self.topics)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self.topics))


def _loops(
    service: Service,
    settings: ServiceSettings,
    roles: frozenset[str],
    consumption: Consumption | None,
) -> list[Coroutine[Any, Any, None]]:
    wake = service.transactions.wake
    loops: list[Coroutine[Any, Any, None]] = []
    if "relay" in roles:
        url = settings.database_url
        throttle = (
            MockThrottle(settings.kafka_bootstrap, settings.readers) if settings.embedded else None
        )
        relay = Relay(
            url,
            settings.kafka_bootstrap,
            throttle=throttle,
            rounds_a_second=service.turns_a_second,
        )
        loops.append(relay.run(wake))
    if "timers" in roles:
        loops.append(service.timers.run(wake))
        loops.append(_follower(service, consumption).run(service.transactions.sandbox_wake))
    if "worker" in roles:
        loops.append(_retry_parked(service.consumer))
        loops += [each.run(wake) for each in service.intents]
    return loops


def _follower(service: Service, consumption: Consumption | None) -> ClockFollower:
    return ClockFollower(
        service.name,
        service.transactions.begin,
        service.consumer.topics,
        service.open_effects,
        consumption.catch_up if consumption is not None else None,
    )


async def _retry_parked(consumer: Consumer[Any]) -> None:
    while True:
        await asyncio.sleep(RETRY_PARKED_SECONDS)
        try:
            await consumer.retry_parked()
        except Exception:
            log.exception("parked.retry_failed")


@asynccontextmanager
async def _looping(
    loops: Sequence[Coroutine[Any, Any, None]],
) -> AsyncIterator[None]:
    """A loop never ends by itself; if one does, the process must not live on without it."""
    tasks = [asyncio.create_task(each) for each in loops]

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            log.critical("loop.ended", exc_info=task.exception())
            os._exit(71)

    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        for task in tasks:
            task.remove_done_callback(ended)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _serving_api(
    service: Service, settings: ServiceSettings, roles: frozenset[str]
) -> AsyncIterator[None]:
    if "api" not in roles:
        yield
        return
    async with _serving(build_api(service), settings.host, settings.port):
        yield


def build_api(service: Service) -> FastAPI:
    """The public HTTP API, with problems, replays and request ids."""
    app = FastAPI(title=f"Perennial {service.name}", version="1", docs_url=None, redoc_url=None)
    for router in service.routers:
        app.include_router(router)
    answer_with_problems(app)
    app.add_middleware(
        IdempotencyMiddleware, begin=service.transactions.begin, access=service.access
    )
    return app


@asynccontextmanager
async def _serving(app: FastAPI, host: str, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    # Signals are ours: uvicorn would take them for itself while it serves.
    setattr(server, "capture_signals", contextlib.nullcontext)  # noqa: B010  a method, not a field
    task = asyncio.create_task(server.serve())
    deadline = time.monotonic() + 10
    while not server.started:
        if task.done() or time.monotonic() > deadline:
            raise SystemExit(f"cannot listen on {host}:{port}; is it in use?")
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task
