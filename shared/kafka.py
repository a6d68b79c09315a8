"""The one place that knows FastStream: polls go to the runtime, offsets are committed by us."""

import asyncio
import contextlib
import logging
import math
import os
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.consumer import Consumer, Unavailable
from shared.continuity import Lost, Marks, gaps, require_kept
from shared.group_members import left_alone
from shared.group_offsets import Offsets, committed_by, ends_of_all, standing, starts_of
from shared.odd_names import install
from shared.prompt_reading import MAX_RECORDS, Reading, record_of
from shared.telemetry import LAG, POLL_SECONDS
from shared.undecoded import as_they_came, parse_anything
from shared.watchdog import Watchdog

install()
log = logging.getLogger(__name__)
COMMIT_EVERY_SECONDS = 1
COMMIT_TIMEOUT_SECONDS = 10
CLOSE_SECONDS = 5
NOT_MOVED = (KafkaError, TimeoutError, AssertionError)


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types for it
    """The Kafka side of one consumer group member.

    A static member (`instance`) restarts without a rebalance, but then nobody takes over from it
    while it hangs: the watchdog must end the process.
    """

    def __init__(
        self,
        consumer: Consumer[Any],
        bootstrap: str,
        group: str,
        instance: str | None = None,
        *,
        fetch_max_wait_ms: int = 500,
        polls_a_second: float = math.inf,
        stuck_after: float = 30,
        grace: float = 20,
        exit_process: Any = os._exit,
    ) -> None:
        """`grace`: how long a stop waits for the poll in hand, in seconds."""
        if not group:
            raise ValueError("without a group nothing can be committed")
        self._runtime = consumer
        self._bootstrap = bootstrap
        self._group = group
        self._done: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._polling = asyncio.Lock()
        self._grace = grace
        self._stopping = False
        self._in_hand = 0
        self._marks = Marks()
        self._watchdog = Watchdog(self._behind, self._excused, stuck_after, exit_process)
        consumer.on_failed_try = self._watchdog.moved
        self._tasks: list[asyncio.Task[None]] = []
        self._assigned_once = False
        self.waiting_for_database = False
        self.lost: str | None = None
        self.broker = KafkaBroker(
            bootstrap,
            ack_policy=AckPolicy.MANUAL,
            parser=parse_anything,
            decoder=as_they_came,
            # Its injection of dependencies takes a thread for each poll, and there are none here.
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=grace,
            logger=None,
        )
        self._subscriber = self.broker.subscriber(
            *consumer.topics,
            group_id=group,
            group_instance_id=instance,
            batch=True,
            no_reply=True,
            max_records=MAX_RECORDS,
            fetch_max_wait_ms=fetch_max_wait_ms,
            auto_offset_reset="earliest",
            session_timeout_ms=30_000,
            rebalance_timeout_ms=30_000,
            heartbeat_interval_ms=3_000,
            max_poll_interval_ms=300_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=self,
        )
        self._subscriber.get_msg = Reading(polls_a_second).next  # type: ignore[method-assign]  # see there
        self._subscriber(self._poll)
        # On a connection of its own: on the other one a question waits for the fetch to end.
        self._asking = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)

    async def start(self) -> None:
        await self._asking.start()
        await self.broker.start()
        self._tasks = [
            asyncio.create_task(self._commit_regularly()),
            asyncio.create_task(self._watchdog.watch()),
        ]

    async def stop(self) -> None:
        """Finish the poll in hand, commit, leave. What hangs is left to be delivered again."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace), self._polling:
                await self._commit()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace + 5):
                await self.broker.stop()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._asking.stop()

    @property
    def ready(self) -> bool:
        return self._assigned_once and self.lost is None and not self.waiting_for_database

    def _excused(self) -> bool:
        return self.waiting_for_database or self.lost is not None

    async def _poll(self, records: Sequence[ConsumerRecord]) -> None:
        self._in_hand += 1
        try:
            async with self._polling:
                if self._stopping:
                    return
                if self.lost:
                    await self._come_again(records)
                    return
                await self._handle(records)
        finally:
            self._in_hand -= 1

    async def _handle(self, records: Sequence[ConsumerRecord]) -> None:
        try:
            await self._require_continuity(records)
            with POLL_SECONDS.time():
                await self._runtime.deliver([record_of(each) for each in records])
        except Unavailable as error:
            log.warning("poll.postponed", extra={"error": repr(error.__cause__)})
            self.waiting_for_database = True
            await self._come_again(records)
            return
        except Lost as error:
            self._stop_reading(error)
            self._rewind(records)
            return
        except Exception:
            # A bug of the kernel itself must lose nothing either.
            log.exception("poll.failed")
            await self._come_again(records)
            return
        self.waiting_for_database = False
        self._watchdog.moved()
        last = {(each.topic, each.partition): each.offset for each in records}
        self._done |= {TopicPartition(*place): offset + 1 for place, offset in last.items()}

    async def _come_again(self, records: Sequence[ConsumerRecord]) -> None:
        self._rewind(records)
        await asyncio.sleep(1)

    async def _require_continuity(self, records: Sequence[ConsumerRecord]) -> None:
        if missing := gaps(records, self._done):
            require_kept(missing, await starts_of(self._asking, missing))

    def _rewind(self, records: Sequence[ConsumerRecord]) -> None:
        consumer = self._subscriber.consumer
        backwards = reversed(records)
        first = {TopicPartition(each.topic, each.partition): each.offset for each in backwards}
        for place, offset in first.items():
            if consumer is not None and place in consumer.assignment():
                consumer.seek(place, offset)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:  # noqa: ARG002  aiokafka's signature
        """Drain the poll in hand, commit, then let go."""
        async with self._polling:
            await self._commit()
            self._done.clear()
            self._committed.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Where the group stands tells whether something was dropped while nobody read.

        The start of a partition that the group has never read is committed too, so that it shows
        from now on which records it waits for.
        """
        self._watchdog.moved()
        async with self._polling:
            await self._find_standing(assigned)
            await self._commit()
        self._assigned_once = True

    async def _find_standing(self, assigned: Collection[TopicPartition]) -> None:
        if assigned:
            starts, self._committed = await standing(
                self._asking, self._group, assigned, self._bootstrap
            )
            self._done = starts | self._committed
            try:
                require_kept(self._committed, starts)
            except Lost as error:
                self._stop_reading(error)

    def _stop_reading(self, error: Lost) -> None:
        log.critical("records.lost", extra={"detail": str(error)})
        self.lost = str(error)

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY_SECONDS)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                    await self._pass_over_marks()
            await self._commit()

    async def _pass_over_marks(self) -> None:
        consumer = self._subscriber.consumer
        if consumer is None or self.lost:
            return
        positions = {place: await consumer.position(place) for place in consumer.assignment()}
        if not self._in_hand:
            self._done |= self._marks.passed(positions, self._done)

    async def _commit(self) -> None:
        """What fails here comes again and is dropped by the inbox."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return
        mine = consumer.assignment()
        moved = {
            place: offset
            for place, offset in self._done.items()
            if place in mine and self._committed.get(place) != offset
        }
        if not moved:
            return
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                await consumer.commit(moved)
        except NOT_MOVED as error:
            log.warning("offsets.not_committed", extra={"error": repr(error)})
        else:
            self._committed.update(moved)

    async def _behind(self) -> int:
        """A member that has lost its partitions unnoticed has no lag of its own."""
        consumer = self._subscriber.consumer
        if consumer is not None and not consumer.assignment():
            topics = self._runtime.topics
            return await left_alone(consumer, self._asking, topics, self._group, self._bootstrap)
        return await self.lag()

    async def lag(self) -> int:
        """Records on our partitions that are not handled yet."""
        consumer = self._subscriber.consumer
        if not (mine := list(consumer.assignment()) if consumer else []):
            return 0
        async with asyncio.timeout(10):
            ends = await self._asking.end_offsets(mine)
        lag: Counter[str] = Counter()
        for place, end in ends.items():
            lag[place.topic] += max(end - self._done.get(place, end), 0)
        for topic, records in lag.items():
            LAG.labels(topic).set(records)
        return lag.total()

    async def catch_up(self, topics: Collection[str], patience: float = 30) -> None:
        """Return when everything that stood on these topics at the call is handled.

        Raises:
            TimeoutError: it was not, within `patience` seconds.
        """
        async with asyncio.timeout(patience):
            ends = await ends_of_all(self._subscriber.consumer, self._asking, topics)
            while True:
                if await self._has_done(ends):
                    return
                await asyncio.sleep(0.02)

    async def _has_done(self, ends: Offsets) -> bool:
        done = dict(self._done)
        if any(place not in done and end > 0 for place, end in ends.items()):
            done = await committed_by(self._group, list(ends), self._bootstrap) | done
        return all(done.get(place, 0) >= end for place, end in ends.items())
