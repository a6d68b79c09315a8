"""From the outbox to Kafka: in order for each key, at least once, nothing skipped."""

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer

from shared.clock import system_now
from shared.database import plain_url
from shared.outbox import LANES
from shared.pace import Pace
from shared.telemetry import PUBLISHED
from shared.transaction import EVENTS, Wake

log = logging.getLogger(__name__)
LOCK_SPACE = 7001
LIMIT = 500
POLL_SECONDS = 0.5
MARK_SECONDS = 0.05
FEW = 32
CLOSE_SECONDS = 5
MAX_REQUEST = 2_000_000


class Throttle(Protocol):
    """Keeps a broker with little memory from dropping what nobody has read yet."""

    @property
    def limit(self) -> int:
        """So many bytes at once, at most."""

    async def room_for(self, topics: set[str], size: int) -> None: ...


class Relay:
    """Lanes are taken with advisory locks, so that of several replicas one serves each lane.

    A flag is scanned, never a position: a row whose transaction commits late is found next time.
    What was sent but not marked goes out again with the same id, and the inboxes drop it. The next
    read makes the marks, as there mostly is one soon; many of them are made at once. A
    producer that failed is thrown away (aiokafka's idempotent producer does not recover from a
    sequence error), with it all that it still had in hand.
    """

    def __init__(
        self,
        database_url: str,
        bootstrap: str,
        *,
        throttle: Throttle | None = None,
        send_timeout: float = 60,
        rounds_a_second: float = math.inf,
    ) -> None:
        """`send_timeout`: after so many seconds without an answer it begins anew.
        `rounds_a_second`: at most so many, as long as they are not full.
        """
        self._url = plain_url(database_url)
        self._bootstrap = bootstrap
        self._throttle = throttle
        self._send_timeout = send_timeout
        self._owned: set[int] = set()
        self._asked_at = 0.0
        self._sql: Any = None
        self._producer: AIOKafkaProducer | None = None
        self._unmarked: list[int] = []
        self._pace = Pace(rounds_a_second)

    async def run(self, wake: Wake) -> None:
        sleeper = wake.sleeper(EVENTS)
        # The throttle cuts rounds short, so that a short one may not be the last.
        full = 1 if self._throttle else LIMIT
        try:
            while True:
                sleeper.clear()
                try:
                    published = await self.round()
                except Exception as error:  # noqa: BLE001  whatever it is, begin anew
                    log.warning("relay.began_anew", extra={"error": repr(error)})
                    await self.close()
                    await asyncio.sleep(0.5)
                    continue
                if published < full:
                    await sleeper.sleep(MARK_SECONDS if self._unmarked else POLL_SECONDS)
                    await self._pace.turn()
        finally:
            await self.close()

    async def round(self) -> int:
        """One read, which marks what went out before it; how many were published."""
        sql, producer = await self._connected()
        rows = await sql.fetch(
            """
            with marked as (
                update outbox set published_at = $4 where seq = any($3::bigint[]))
            select seq, topic, key, headers, payload from outbox
            where published_at is null and lane = any($1::smallint[]) and seq <> all($3::bigint[])
            order by seq limit $2""",
            sorted(self._owned),
            LIMIT,
            self._unmarked,
            system_now(),
        )
        self._unmarked = []
        if not rows:
            return 0
        if self._throttle:
            rows, size = _within(self._throttle.limit, rows)
            await self._throttle.room_for({row["topic"] for row in rows}, size)
        done, failure = await _send(producer, rows, self._send_timeout)
        self._unmarked = [row["seq"] for row in done]
        if len(self._unmarked) > FEW:
            await self._mark(sql)
        for topic, count in Counter(row["topic"] for row in done).items():
            PUBLISHED.labels(topic).inc(count)
        if failure is not None:
            raise failure
        return len(done)

    async def _mark(self, sql: Any) -> None:
        """By itself where the next read would have to pass by many."""
        if self._unmarked:
            await sql.execute(
                "update outbox set published_at = $1 where seq = any($2::bigint[])",
                system_now(),
                self._unmarked,
                timeout=CLOSE_SECONDS,
            )
        self._unmarked = []

    async def _connected(self) -> tuple[Any, AIOKafkaProducer]:
        if self._sql is None:
            # A mark that a crash of the server takes back makes one more repeat, and no loss.
            self._sql = await asyncpg.connect(
                self._url,
                timeout=5,
                command_timeout=30,
                server_settings={"synchronous_commit": "off"},
            )
            self._owned = set()
            self._asked_at = 0.0
        if len(self._owned) < LANES and time.monotonic() - self._asked_at > 1:
            await self._take_lanes()
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                max_request_size=MAX_REQUEST,
                max_batch_size=131_072,
                request_timeout_ms=20_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._sql, self._producer

    async def _take_lanes(self) -> None:
        self._asked_at = time.monotonic()
        missing = sorted(set(range(LANES)) - self._owned)
        rows = await self._sql.fetch(
            "select lane from unnest($2::int[]) as t(lane) where pg_try_advisory_lock($1, lane)",
            LOCK_SPACE,
            missing,
        )
        self._owned |= {row["lane"] for row in rows}

    async def close(self) -> None:
        """Lets go of the lanes; what is unmarked stays for whoever takes them."""
        producer, sql, self._producer, self._sql = self._producer, self._sql, None, None
        if producer is not None:
            with contextlib.suppress(Exception):
                await _give_up(producer)
        if sql is not None:
            with contextlib.suppress(Exception):
                await self._mark(sql)
            with contextlib.suppress(Exception):
                await sql.close(timeout=CLOSE_SECONDS)


def _within(limit: int, rows: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """As many of the first rows as stay within the limit, at least one, and their size."""
    taken = 0
    for n, row in enumerate(rows):
        size = len(row["payload"]) + len(row["headers"])
        if n and taken + size > limit:
            return rows[:n], taken
        taken += size
    return rows, taken


async def _give_up(producer: AIOKafkaProducer) -> None:
    """Not by its own `stop`, which goes on sending what it has in hand once the broker is back:
    that would come behind what its successor sends.
    """
    producer._closed = True  # noqa: SLF001  there is no public way
    sending = producer._sender.sender_task  # noqa: SLF001
    if sending is not None:
        sending.cancel()
    await producer.client.close()
    if sending is not None:
        await asyncio.wait({sending}, timeout=5)


async def _send(
    producer: AIOKafkaProducer, rows: Sequence[Any], patience: float
) -> tuple[list[Any], BaseException | None]:
    """What the broker has acknowledged; of a key nothing that follows its first failure."""
    sent: list[tuple[Any, Awaitable[Any]]] = []
    refused: set[str] = set()
    failure: BaseException | None = None
    for row in rows:
        if row["key"] in refused:
            continue
        headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
        try:
            answer = await producer.send(
                row["topic"], row["payload"], key=row["key"].encode(), headers=headers
            )
        except Exception as error:  # noqa: BLE001  the other keys go their way
            refused.add(row["key"])
            failure = error
        else:
            sent.append((row, answer))
    async with asyncio.timeout(patience):
        outcomes = await asyncio.gather(*(answer for _, answer in sent), return_exceptions=True)
    done, failed = [], set()
    for (row, _), outcome in zip(sent, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            failed.add(row["key"])
            failure = outcome
        elif row["key"] not in failed:
            done.append(row)
    return done, failure
